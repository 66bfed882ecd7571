import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tool } from './tools.ts';

const run = promisify(execFile);
const chart = join(import.meta.dirname, '..', 'chart');
export const chartReadmeFile = join(chart, 'README.md');

/** The chart's README, of README.md.gotmpl and the comments in values.yaml. */
export async function chartReadme(): Promise<string> {
  const options = ['--dry-run', '--log-level', 'warning', '--sort-values-order', 'file'];
  const { stdout } = await run(await tool('helm-docs'), ['--chart-search-root', chart, ...options]);
  return `${stdout.trim()}\n`;
}

if (import.meta.main) await writeFile(chartReadmeFile, await chartReadme());
