import Table from 'cli-table3';
import type { Story } from './story.ts';

/**
 * Prints what happened, and what did not.
 *
 * @returns the demo's exit code
 */
export function printStory({ chapters, failure }: Story): number {
  const table = new Table({ head: ['What', 'What happened', 'Seconds'], style: { head: [], border: [] } });
  for (const { step, result, seconds } of chapters) table.push([step, result, seconds.toFixed(1)]);
  if (chapters.length > 0) console.log(`\n${table}`);
  if (failure === undefined) return 0;
  console.error(`\nThe demo failed. ${failure}`);
  return 1;
}
