import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sourceDate } from './source-date.ts';
import { tool } from './tools.ts';
import { makeUniform } from './uniform-files.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');

/**
 * Packages a chart, byte for byte the same from the same files. Helm 4 writes the time of each file into the archive, and
 * nothing else of the machine; Helm 3 would write the time of day.
 *
 * @param date the time of every file
 * @returns the archive's path
 */
export async function packageChart(chart: string, destination: string, date: Date): Promise<string> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'package-'));
  const copy = join(folder.path, 'chart');
  await cp(chart, copy, { recursive: true });
  await makeUniform(copy, date);
  await mkdir(destination, { recursive: true });
  const { stdout } = await run(await tool('helm'), ['package', copy, '--destination', destination]);
  const [, archive] = /saved it to: (.+)$/m.exec(stdout) ?? [];
  if (!archive) throw new Error(`helm package did not say where the archive is: ${stdout}`);
  return archive;
}

if (import.meta.main) console.log(await packageChart(join(root, 'chart'), join(root, 'dist'), await sourceDate()));
