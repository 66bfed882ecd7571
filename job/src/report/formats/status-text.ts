import { someOf } from '../../some-of.ts';
import type { TextStyle } from '../../terminal/text-style.ts';
import type { ReportDocument, ReportedNamespace } from '../document/report-document.ts';
import { renderStatus } from '../templates.ts';
import { groupFindings } from './groups.ts';
import { stateTable } from './state-table.ts';
import { counted, findingLine, headline, stateColours, stateWords } from './words.ts';

/** Up to so many namespaces the table has all of them; of more only those that are not in line. */
const fewNamespaces = 20;
/** Rows of a table, and names in a line, at most. */
const most = 50;
const verdictColours = { inLine: 'green', drift: 'yellow', incomplete: 'red' } as const;

/** A status for people: how each target stands, what is not in line and why, and commands to copy. */
export function renderStatusText(document: ReportDocument, style: TextStyle): string {
  const { lastRun, writers, targets, stuckPods, namespaces } = document;
  const isOff = ({ state }: ReportedNamespace) => state !== 'inLine' && state !== 'leftOut';
  const rows = namespaces.length <= fewNamespaces ? namespaces : namespaces.filter(isOff);
  const shown = rows.slice(0, most);
  return renderStatus({
    headline: style.paint(verdictColours[document.verdict], headline(document)),
    lastRun: lastRun ?? undefined,
    writers: writers.map((writer) => ({ ...writer, namespaces: writer.namespaces.join(', ') })),
    targets: targets.map(({ name, secretName, states }) => ({
      name,
      secret: secretName,
      namespaces: namespaces.length - states.leftOut,
      inLine: states.inLine + states.conflict,
      conflicts: counted(conflictsOf(name, document), 'conflict'),
    })),
    rows: shown.length > 0 ? stateTable(shown, document, style) : [],
    notShown: shown.length < namespaces.length ? notShown(shown.length, document) : '',
    groups: groupFindings(document).map(({ state, target, secretName, findings, namespaces }) => ({
      title: `${style.paint(stateColours[state], stateWords[state])}: ${target ? `target ${target}` : secretName}, ${counted(namespaces.length, 'namespace')}`,
      namespaces: someOf(namespaces, most),
      findings: findings.map((finding) => ({ line: findingLine(finding), fix: finding.fix ?? '' })),
    })),
    pods: stuckPods,
  });
}

function conflictsOf(name: string, { namespaces }: ReportDocument): number {
  const cells = namespaces.flatMap(({ targets }) => targets.filter(({ target }) => target === name));
  return cells.flatMap(({ findings }) => findings.filter(({ type }) => type === 'conflict')).length;
}

function notShown(shown: number, { namespaces, summary }: ReportDocument): string {
  const { inLine, leftOut } = summary.states;
  return `${shown} of ${counted(namespaces.length, 'namespace')} shown; ${inLine} in line, ${leftOut} left out. All: --output json`;
}
