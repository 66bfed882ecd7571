import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { tool } from '../../scripts/tools.ts';
import { searchOutput } from './leaks/verdict.ts';

/** Lets Prometheus' own tool read and lint metrics. */
export async function checkMetrics(text: string): Promise<void> {
  searchOutput('the metrics', text);
  const child = promisify(execFile)(await tool('promtool'), ['check', 'metrics']);
  child.child.stdin?.end(text);
  await child;
}
