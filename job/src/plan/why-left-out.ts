import type { NamespaceRecord } from '../cluster/cluster.ts';
import type { Target } from '../config/config.ts';
import { matchesAny } from '../config/glob.ts';
import { type LabelSelector, matchesLabels } from '../config/label-selector.ts';
import { marks } from './marks.ts';
import { namespaceJudge, type Selectable } from './selection.ts';

/** Why a target leaves something out, and what would change that; for people. */
export interface LeftOut {
  because: string;
  fix: string;
}

/** Why a target leaves a namespace out, the first of several reasons; `undefined`: it does not. */
export function whyNamespaceLeftOut(rules: Target['namespaces'], namespace: NamespaceRecord): LeftOut | undefined {
  const { include, exclude, selector } = rules;
  const { name, labels, annotations } = namespace;
  switch (namespaceJudge(rules)(namespace)) {
    case undefined:
      return undefined;
    case 'system':
      return { because: 'it is a system namespace', fix: 'set namespaces.excludeSystem: false, if it is meant' };
    case 'exclude': {
      const glob = quoted(globFor(name, exclude) ?? '');
      return { because: `namespaces.exclude has ${glob}`, fix: `take ${glob} out of namespaces.exclude` };
    }
    case 'annotation': {
      const mark = annotations[marks.exclude] === 'true' ? marks.exclude : marks.patcherExclude;
      return {
        because: `the namespace has the annotation ${mark}: "true"`,
        fix: `kubectl annotate namespace ${name} ${mark}-`,
      };
    }
    case 'include':
      return {
        because: `namespaces.include has only ${include.map(quoted).join(', ')}`,
        fix: `add ${quoted(name)} to namespaces.include`,
      };
    case 'selector':
      return whyNotFitting(selector, labels);
  }
}

/** The first glob that takes a name. */
function globFor(name: string, globs: readonly string[]): string | undefined {
  return globs.find((glob) => matchesAny([glob])(name));
}

function whyNotFitting(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Record<string, string>,
): LeftOut | undefined {
  const [wanted] = Object.entries(matchLabels).filter(
    ([key, value]) => !matchesLabels({ matchLabels: { [key]: value } }, labels),
  );
  if (wanted) {
    const [key, value] = wanted;
    return {
      because: `namespaces.selector asks for the label ${key}=${value}, ${has(labels, key)}`,
      fix: `label the namespace ${key}=${value}, or change namespaces.selector`,
    };
  }
  const expression = matchExpressions.find((one) => !matchesLabels({ matchExpressions: [one] }, labels));
  if (!expression) return undefined;
  const { key, operator, values } = expression;
  const rule = [key, operator, ...(values ? [`(${values.join(', ')})`] : [])].join(' ');
  return {
    because: `namespaces.selector asks for ${rule}, ${has(labels, key)}`,
    fix: `change the label ${key} of the namespace, or namespaces.selector`,
  };
}

function has(labels: Record<string, string>, key: string): string {
  return Object.hasOwn(labels, key)
    ? `and the namespace has ${key}=${labels[key]}`
    : 'and the namespace has no such label';
}

/** Why a target adds no reference to a ServiceAccount; `undefined`: it does. */
export function whyServiceAccountLeftOut(
  { include, exclude }: Target['serviceAccounts'],
  { name, annotations }: Selectable,
): LeftOut | undefined {
  const glob = globFor(name, exclude);
  if (glob !== undefined) {
    return {
      because: `serviceAccounts.exclude has ${quoted(glob)}`,
      fix: `take ${quoted(glob)} out of serviceAccounts.exclude`,
    };
  }
  if (annotations[marks.exclude] === 'true') {
    return {
      because: `it has the annotation ${marks.exclude}: "true"`,
      fix: `take the annotation ${marks.exclude} off the ServiceAccount ${name}`,
    };
  }
  if (matchesAny(include)(name)) return undefined;
  return {
    because: `serviceAccounts.include has only ${include.map(quoted).join(', ')}`,
    fix: `add ${quoted(name)} to serviceAccounts.include`,
  };
}

function quoted(text: string): string {
  return `"${text}"`;
}
