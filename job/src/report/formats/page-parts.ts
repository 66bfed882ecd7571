import { formatNumber } from '../../format-number.ts';
import { type ReportDocument, type ReportedNamespace, states } from '../document/report-document.ts';
import type { PageView } from '../templates.ts';
import type { FindingGroup } from './groups.ts';
import { counted, reasonOf, stateMeanings, stateWords } from './words.ts';

/** Namespaces of a group that are shown at once; the others are folded. */
const namesAtOnce = 12;

/** What the report is of. */
export function factsOf({ release, context, time, lastRun }: ReportDocument): PageView['facts'] {
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
export function barOf({ summary }: ReportDocument): PageView['bar'] {
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

/** What concerns no single namespace, and what is wrong with targets. */
export function problemsOf({ problems, targets }: ReportDocument): PageView['problems'] {
  return [
    ...problems.map(({ message, fix }) => ({ about: '', message, fix })),
    ...targets.flatMap(({ name, problems }) =>
      problems.map(({ message, fix }) => ({ about: `target ${name}`, message, fix })),
    ),
  ];
}

/** What is not in line, with where. */
export function groupView({ state, target, secretName, findings, namespaces }: FindingGroup, index: number) {
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

/** A namespace in the table, with the groups that say more of it. */
export function rowOf(
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

/** Tells what stands in a namespace for one target, or for a name that no target has. */
export function keyOf(
  namespace: string,
  { target, secretName }: { target: string | null; secretName: string },
): string {
  return `${namespace}/${target ?? ''}/${secretName}`;
}
