import { Document, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { printable } from '../printable.ts';
import { someOf } from '../some-of.ts';
import type { Finding, ImportDescription, ImportedTarget } from './import-description.ts';

/** Characters of a line of the file, and of a list on one line. */
const lineWidth = 110;
/** Objects that a comment names, each kind; `plan` names all. */
const mostPlaces = 20;

/** A value with the comment above it. */
interface Entry {
  key: string;
  value: string | number | boolean | string[] | Entry[];
  remarks?: readonly string[];
}

/**
 * The chart's values for what an import found, with comments. Text that came from the cluster stands in double quotes, so
 * that no reader of YAML takes it for something else, and on one line in comments.
 */
export function valuesFile(description: ImportDescription, version: string): string {
  const [main, ...profiles] = description.targets as [ImportedTarget, ...ImportedTarget[]];
  const entries = topLevel(main);
  if (profiles.length > 0) {
    entries.push({ key: 'profiles', value: profiles.map((one) => ({ key: one.key, value: profile(one, main) })) });
  }
  const map = mapOf(entries);
  for (const { key } of map.items.slice(1) as Array<Pair<Scalar>>) key.spaceBefore = true;
  const document = new Document(map, { version: '1.1' });
  document.commentBefore = comment(header(description, main, version));
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function topLevel(target: ImportedTarget): Entry[] {
  const { secretName, namespaces, serviceAccounts, onConflict, remarks } = target;
  const { include, exclude, excludeSystem } = namespaces;
  return [
    { key: 'secretName', value: secretName, remarks: remarks.target },
    registries(target),
    {
      key: 'namespaces',
      value: [
        { key: 'include', value: include },
        { key: 'exclude', value: exclude },
        { key: 'excludeSystem', value: excludeSystem },
      ],
      remarks: remarks.namespaces,
    },
    {
      key: 'serviceAccounts',
      value: [{ key: 'include', value: serviceAccounts }],
      remarks: remarks.serviceAccounts,
    },
    { key: 'onConflict', value: onConflict, remarks: remarks.onConflict },
  ];
}

/** What a profile leaves out is as above it in the chart's values. */
function profile(target: ImportedTarget, main: ImportedTarget): Entry[] {
  return topLevel(target).flatMap((entry) => {
    switch (entry.key) {
      case 'secretName':
        return [entry, ...(target.priority > 0 ? [{ key: 'priority', value: target.priority }] : [])];
      case 'serviceAccounts':
        return target.serviceAccounts.join() === main.serviceAccounts.join() ? [] : [entry];
      case 'onConflict':
        return target.onConflict === main.onConflict ? [] : [entry];
      default:
        return [entry];
    }
  });
}

function registries({ registries: found, remarks }: ImportedTarget): Entry {
  return {
    key: 'registries',
    value: found.map(({ key, server }) => ({ key, value: [{ key: 'server', value: server }] })),
    remarks: remarks.registries,
  };
}

function header({ findings, leftOut }: ImportDescription, { registries: [first] }: ImportedTarget, version: string) {
  const key = `registries.${first?.key}`;
  return [
    `Values for the chart of pullsecret-sync ${version}, made by "pullsecret-sync import" from what is in the cluster. They hold no ` +
      'credential. Give username and password of each registry beside this file, such as',
    `  --set-literal ${key}.username=robot`,
    `  --set-file ${key}.password=FILE`,
    'or in further values, with helmfile from CI variables or references. Where existingSecrets or dockerConfigJson has the ' +
      'credentials of a target, take its "registries" out.',
    ...section('To expect at the installation:', findings),
    ...section('Left out:', leftOut),
  ];
}

function section(title: string, findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  return ['', title, ...findings.map((finding) => `- ${someOf(finding.places, mostPlaces)}: ${sentence(finding)}`)];
}

/** A finding in words, without what it is about. */
function sentence({ what, fix }: Finding): string {
  return fix === undefined ? what : `${what}; ${fix}`;
}

function mapOf(entries: readonly Entry[]): YAMLMap {
  const map = new YAMLMap();
  for (const { key, value, remarks = [] } of entries) {
    const node = new Scalar(key);
    if (remarks.length > 0) node.commentBefore = comment(remarks);
    map.items.push(new Pair(node, nodeOf(value)));
  }
  return map;
}

function nodeOf(value: Entry['value']): YAMLMap | YAMLSeq | Scalar {
  if (!Array.isArray(value)) return scalar(value);
  if (value.length > 0 && value.every((one) => typeof one === 'object')) return mapOf(value);
  const list = new YAMLSeq();
  list.items = value.map((one) => scalar(one as string));
  list.flow = value.join('", "').length < lineWidth - 30;
  return list;
}

function scalar(value: string | number | boolean): Scalar {
  const node = new Scalar(value);
  if (typeof value === 'string') node.type = 'QUOTE_DOUBLE';
  return node;
}

/** Lines of a comment, each no longer than the file is wide, but for a word that is. */
function comment(paragraphs: readonly string[]): string {
  return paragraphs.flatMap((paragraph) => wrap(printable(paragraph))).join('\n');
}

function wrap(paragraph: string): string[] {
  const indent = /^(- | *)/.exec(paragraph)?.[0].length ?? 0;
  const lines: string[] = [];
  let line = paragraph.slice(0, indent);
  for (const word of paragraph.slice(indent).split(' ')) {
    if (line.length > indent && line.length + word.length >= lineWidth) {
      lines.push(line);
      line = ' '.repeat(indent);
    }
    line += line.length > indent ? ` ${word}` : word;
  }
  // A space before each, as people write them; a line with nothing else stays a line of the comment.
  return [...lines, line].map((one) => ` ${one}`);
}
