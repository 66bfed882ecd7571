import { createHash } from 'node:crypto';
import { type ReportDocument, type ReportedNamespace, states } from '../document/report-document.ts';
import script from '../templates/page.browser.js';
import style from '../templates/page.css';
import { type PageView, renderPage } from '../templates.ts';
import { type FindingGroup, groupFindings } from './groups.ts';
import { counted, formatNumber, headline, reasonOf, stateMeanings, stateWords } from './words.ts';

/** Namespaces of a group that are shown at once; the others are folded. */
const namesAtOnce = 12;

/**
 * One file for a browser, which asks for nothing else: its policy allows no more than the style and the script in it. All
 * that it says can be read without the script, which filters.
 */
export function renderHtml(document: ReportDocument): string {
  const { summary, targets, namespaces, registries, stuckPods, lastRun } = document;
  const groups = groupFindings(document);
  const numbers = new Map(
    groups.flatMap((group, index) => group.namespaces.map((name) => [keyOf(name, group), index])),
  );
  const hasUnwanted = namespaces.some((namespace) => namespace.targets.some(({ target }) => target === null));
  return renderPage({
    policy: `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`,
    style,
    script,
    title: `${document.context ?? document.release}: ${headline(document)}`,
    headline: headline(document),
    verdict: document.verdict,
    command: document.command,
    facts: factsOf(document),
    bar: barOf(document),
    counts: states
      .filter((state) => summary.states[state] > 0 || state === 'inLine')
      .map((state) => ({
        state,
        word: stateWords[state],
        meaning: stateMeanings[state],
        count: formatNumber(summary.states[state]),
      })),
    needsNothing: groups.length + stuckPods.length + problemsOf(document).length + document.writers.length === 0,
    problems: problemsOf(document),
    groups: groups.map((group, index) => groupView(group, index)),
    writers: document.writers.map(({ writer, namespaces, fix }) => ({ writer, fix, names: namespaces.join(', ') })),
    stuckPods: stuckPods.map((pod) => ({ ...pod })),
    lastRunFailures: (lastRun?.failures ?? []).filter(({ namespace }) => namespace === null),
    columns: [
      ...targets.map(({ name, secretName }) => ({ name, secretName })),
      ...(hasUnwanted ? [{ name: 'no target', secretName: 'in use once' }] : []),
    ],
    isWide: targets.length > 6,
    rows: namespaces.map((namespace) => rowOf(namespace, document, hasUnwanted, numbers)),
    inAll: counted(namespaces.length, 'namespace'),
    states: states
      .map((state) => ({
        state,
        word: stateWords[state],
        isThere: namespaces.some(({ targets }) => targets.some((cell) => cell.state === state)),
      }))
      .filter(({ isThere }) => isThere),
    targets: targets.map(({ name, secretName, sources, registries, warnings, states }) => ({
      name,
      secretName,
      sources,
      registries,
      warnings,
      namespaces: counted(namespaces.length - states.leftOut, 'namespace'),
    })),
    registries: registries.map(({ host, targets, namespaces: count }) => ({
      host,
      targets,
      count: formatNumber(count),
      share: namespaces.length === 0 ? 0 : (100 * count) / namespaces.length,
    })),
    version: document.version,
  });
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function factsOf({ release, context, time, lastRun }: ReportDocument): PageView['facts'] {
  return [
    { name: 'Cluster', value: context ?? 'the one that it runs in', time: '' },
    { name: 'Release', value: release, time: '' },
    { name: 'Looked at', value: readable(time), time },
    lastRun
      ? {
          name: 'Last run',
          value: `${readable(lastRun.finished)}, exit code ${lastRun.exitCode}`,
          time: lastRun.finished,
        }
      : { name: 'Last run', value: 'none that left a status', time: '' },
  ];
}

/** A time of ISO 8601 in UTC for people; anything else as it is. */
function readable(time: string): string {
  return time.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(\.\d+)?Z$/, '$1 $2 UTC');
}

/** The share of each state among the namespaces that are selected, in thousandths. */
function barOf({ summary }: ReportDocument): PageView['bar'] {
  const shown = states.filter((state) => state !== 'leftOut' && summary.states[state] > 0);
  const all = shown.reduce((sum, state) => sum + summary.states[state], 0);
  let from = 0;
  return shown.map((state) => {
    const width = (1000 * summary.states[state]) / all;
    const part = { state, from, width };
    from += width;
    return part;
  });
}

function problemsOf({ problems, targets }: ReportDocument): PageView['problems'] {
  return [
    ...problems.map(({ message, fix }) => ({ about: '', message, fix })),
    ...targets.flatMap(({ name, problems }) =>
      problems.map(({ message, fix }) => ({ about: `target ${name}`, message, fix })),
    ),
  ];
}

function groupView({ state, target, secretName, findings, namespaces }: FindingGroup, index: number) {
  return {
    index,
    state,
    word: stateWords[state],
    target: target ?? '',
    secretName,
    count: counted(namespaces.length, 'namespace'),
    meaning: stateMeanings[state],
    findings: findings.map(({ type, message, fix, details }) => ({
      type,
      message,
      fix: fix ?? '',
      details: Object.entries(details).map(([name, value]) => ({ name: detailWords[name] ?? name, value })),
    })),
    names: namespaces.slice(0, namesAtOnce),
    more: namespaces.slice(namesAtOnce),
    moreCount: formatNumber(Math.max(0, namespaces.length - namesAtOnce)),
  };
}

const detailWords: Record<string, string> = {
  serviceAccount: 'ServiceAccount',
  declaredBy: 'declared by',
  takenFrom: 'taken from',
  takesOff: 'takes off',
};

function rowOf(
  { name, targets: cells }: ReportedNamespace,
  { targets }: ReportDocument,
  hasUnwanted: boolean,
  groups: ReadonlyMap<string, number>,
): PageView['rows'][number] {
  const view = (cell: (typeof cells)[number]) => ({
    state: cell.state,
    word: stateWords[cell.state],
    reason: reasonOf(cell),
    group: groups.get(keyOf(name, cell)) ?? -1,
    hasGroup: groups.has(keyOf(name, cell)),
  });
  const columns = targets.map((target) => cells.filter((cell) => cell.target === target.name).map(view));
  const unwanted = cells.filter(({ target }) => target === null).map(view);
  return { name, columns: hasUnwanted ? [...columns, unwanted] : columns };
}

function keyOf(namespace: string, { target, secretName }: { target: string | null; secretName: string }): string {
  return `${namespace}/${target ?? ''}/${secretName}`;
}
