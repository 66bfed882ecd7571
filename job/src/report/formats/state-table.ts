import { plainStyle, type TextStyle } from '../../terminal/text-style.ts';
import type { ReportDocument, ReportedCell, ReportedNamespace } from '../document/report-document.ts';
import { reasonOf, stateColours, stateWords } from './words.ts';

/** A text, and the same with colours, which take no place. */
interface Cell {
  plain: string;
  painted: string;
}

/** How each target stands in each namespace: lines of columns, or where they do not fit below each other. */
export function stateTable(
  rows: readonly ReportedNamespace[],
  { targets, namespaces }: ReportDocument,
  { columns: widest, paint }: TextStyle,
): string[] {
  const hasUnwanted = namespaces.some((namespace) => namespace.targets.some(({ target }) => target === null));
  const columns = [...targets.map(({ name }) => name), ...(hasUnwanted ? [null] : [])];
  const heads = columns.map((name) => name ?? '(no target)');
  const asCell = (text: string, painted = text): Cell => ({ plain: text, painted });
  const lines = [
    ['NAMESPACE', ...heads].map((head) => asCell(head, paint('bold', head))),
    ...rows.map((row) => [
      asCell(row.name),
      ...columns.map((column) => {
        const cells = row.targets.filter(({ target }) => target === column);
        if (cells.length === 0) return asCell('-');
        return asCell(
          cells.map((cell) => cellText(cell, plainStyle.paint)).join(', '),
          cells.map((cell) => cellText(cell, paint)).join(', '),
        );
      }),
    ]),
  ];
  const widths = ['', ...heads].map((_, index) => Math.max(...lines.map((line) => line[index]?.plain.length ?? 0)));
  const width = widths.reduce((sum, one) => sum + one + 2, -2);
  if (width <= widest) return lines.map((line) => inColumns(line, widths));
  return lines
    .slice(1)
    .flatMap(([name, ...cells]) => [
      name?.plain ?? '',
      ...cells.map(({ painted }, index) => `  ${heads[index]}: ${painted}`),
    ]);
}

function inColumns(line: readonly Cell[], widths: readonly number[]): string {
  const filled = line.map(({ plain, painted }, index) => painted + ' '.repeat((widths[index] ?? 0) - plain.length));
  return filled.join('  ').trimEnd();
}

function cellText(cell: ReportedCell, paint: TextStyle['paint']): string {
  const state = paint(stateColours[cell.state], stateWords[cell.state]);
  return [state, reasonOf(cell)].filter(Boolean).join(': ');
}
