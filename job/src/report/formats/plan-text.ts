import type { Colour, TextStyle } from '../../terminal/text-style.ts';
import type { Finding, ReportDocument } from '../document/report-document.ts';
import { renderPlan } from '../templates.ts';
import { counted, findingLine } from './words.ts';

const colours: Partial<Record<Finding['kind'], Colour>> = {
  createCopy: 'green',
  addReference: 'green',
  updateCopy: 'yellow',
  replaceCopy: 'yellow',
  deleteCopy: 'red',
  handBackCopy: 'red',
  removeReference: 'red',
};

/** A plan for people: what a run would do and leave alone, by namespace. */
export function renderPlanText(document: ReportDocument, style: TextStyle): string {
  const { summary, targets, problems, verdict, withheldRemovals, withheldReferences } = document;
  // Removals are withheld of a plan that was made.
  const couldLook = problems.length === 0 || withheldRemovals + withheldReferences > 0;
  const made = couldLook && targets.some((target) => target.problems.length === 0);
  const actions = counted(summary.actions + summary.stuckPods, 'action');
  const counts = `${actions} in ${counted(summary.selected, 'selected namespace')}, ${counted(summary.conflicts, 'conflict')}.`;
  return renderPlan({
    namespaces: blocksOf(document, style),
    summary: made ? counts : '',
    whole: verdict !== 'incomplete',
  });
}

interface Block {
  name: string;
  lines: Array<{ line: string; fix: string }>;
}

function blocksOf({ namespaces, stuckPods }: ReportDocument, { paint }: TextStyle): Block[] {
  const planned = namespaces.flatMap(({ name, targets }) => {
    const lines = targets.flatMap(({ secretName, findings }) =>
      findings.filter(({ type }) => type !== 'failure').map((finding) => lineOf(secretName, finding, paint)),
    );
    return lines.length > 0 ? [{ name, lines }] : [];
  });
  const blocks = new Map<string, Block>(planned.map((block) => [block.name, block]));
  for (const { namespace, name, controller, image, secretName } of stuckPods) {
    const block = blocks.get(namespace) ?? { name: namespace, lines: [] };
    const about = findingLine({ message: '', details: { pod: name, controller, image, secret: secretName } });
    block.lines.push({ line: paint('yellow', 'evict stuck pod') + about, fix: '' });
    blocks.set(namespace, block);
  }
  return [...blocks.values()];
}

function lineOf(secret: string, { type, kind, message, details, fix }: Finding, paint: TextStyle['paint']) {
  const about = findingLine({ message: '', details: { secret, ...details } });
  const colour = type === 'conflict' ? 'yellow' : (colours[kind] ?? 'bold');
  return { line: `${paint(colour, message)}${about}`, fix: fix ?? '' };
}
