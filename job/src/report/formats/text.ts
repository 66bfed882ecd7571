import type { ReportDocument, ReportedNamespace } from '../document/report-document.ts';
import { renderStatus } from '../templates.ts';
import { groupFindings } from './groups.ts';
import { counted, findingLine, reasonOf, stateWords } from './words.ts';

/** Up to so many namespaces the table has all of them; of more only those that are not in line. */
const fewNamespaces = 20;
/** Rows of a table, and names in a line, at most. */
const most = 50;

/** A status for people: how each target stands, what is not in line and why, and commands to copy. */
export function renderText(document: ReportDocument): string {
  const { lastRun, writers, targets, stuckPods, namespaces } = document;
  const isOff = ({ state }: ReportedNamespace) => state !== 'inLine' && state !== 'leftOut';
  const rows = namespaces.length <= fewNamespaces ? namespaces : namespaces.filter(isOff);
  const shown = rows.slice(0, most);
  return renderStatus({
    lastRun: lastRun ?? undefined,
    writers: writers.map((writer) => ({ ...writer, namespaces: writer.namespaces.join(', ') })),
    targets: targets.map(({ name, secretName, states }) => ({
      name,
      secret: secretName,
      namespaces: namespaces.length - states.leftOut,
      inLine: states.inLine + states.conflict,
      conflicts: conflictsOf(name, document),
    })),
    rows: shown.length > 0 ? table(shown, document) : [],
    notShown: shown.length < namespaces.length ? notShown(shown.length, document) : '',
    groups: groupFindings(document).map(({ state, target, secretName, findings, namespaces }) => ({
      title: `${stateWords[state]}: ${target ? `target ${target}` : secretName}, ${counted(namespaces.length, 'namespace')}`,
      namespaces: names(namespaces),
      findings: findings.map((finding) => ({ line: findingLine(finding), fix: finding.fix ?? '' })),
    })),
    pods: stuckPods,
  });
}

function conflictsOf(name: string, { namespaces }: ReportDocument): number {
  const cells = namespaces.flatMap(({ targets }) => targets.filter(({ target }) => target === name));
  return cells.flatMap(({ findings }) => findings.filter(({ type }) => type === 'conflict')).length;
}

/** Lines of columns: a namespace and how each target stands there. */
function table(rows: readonly ReportedNamespace[], { targets, namespaces }: ReportDocument): string[] {
  const hasUnwanted = namespaces.some((namespace) => namespace.targets.some(({ target }) => target === null));
  const columns = [...targets.map(({ name }) => name), ...(hasUnwanted ? [null] : [])];
  const lines = [
    ['NAMESPACE', ...columns.map((name) => name ?? '(no target)')],
    ...rows.map((row) => [
      row.name,
      ...columns.map((column) => {
        const cells = row.targets.filter(({ target }) => target === column);
        return (
          cells.map((cell) => [stateWords[cell.state], reasonOf(cell)].filter(Boolean).join(': ')).join(', ') || '-'
        );
      }),
    ]),
  ];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return lines.map((line) =>
    line
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function notShown(shown: number, { namespaces, summary }: ReportDocument): string {
  const { inLine, leftOut } = summary.states;
  return `${shown} of ${counted(namespaces.length, 'namespace')} shown; ${inLine} in line, ${leftOut} left out. All: --output json`;
}

function names(namespaces: readonly string[]): string {
  const more = namespaces.length - most;
  return namespaces.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
