import Table from 'cli-table3';
import type { Chapter } from './story.ts';

/** What happened, at the end of the demo. */
export function printTable(chapters: readonly Chapter[]): void {
  const table = new Table({ head: ['What', 'What happened', 'Seconds'], style: { head: [], border: [] } });
  for (const { step, result, seconds } of chapters) table.push([step, result, seconds.toFixed(1)]);
  console.log(`\n${table}`);
}
