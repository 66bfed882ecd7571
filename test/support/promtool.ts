import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { tool } from '../../scripts/tools.ts';

/** Lets Prometheus' own tool read and lint metrics. */
export async function checkMetrics(text: string): Promise<void> {
  const child = promisify(execFile)(await tool('promtool'), ['check', 'metrics']);
  child.child.stdin?.end(text);
  await child;
}
