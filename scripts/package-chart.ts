import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtempDisposable, readdir, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tool } from './tools.ts';

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
  for (const file of await readdir(copy, { recursive: true })) await utimes(join(copy, file), date, date);
  await mkdir(destination, { recursive: true });
  const { stdout } = await run(await tool('helm'), ['package', copy, '--destination', destination]);
  const [, archive] = /saved it to: (.+)$/m.exec(stdout) ?? [];
  if (!archive) throw new Error(`helm package did not say where the archive is: ${stdout}`);
  return archive;
}

/** SOURCE_DATE_EPOCH, or when the last commit was made. */
async function sourceDate(): Promise<Date> {
  const seconds = process.env.SOURCE_DATE_EPOCH ?? (await lastCommit());
  if (/^\d+$/.test(seconds)) return new Date(Number(seconds) * 1000);
  throw new Error('SOURCE_DATE_EPOCH is not a number: set it to the seconds since 1970');
}

async function lastCommit(): Promise<string> {
  const { stdout } = await run('git', ['log', '-1', '--format=%ct'], { cwd: root }).catch(() => {
    throw new Error('there is no commit to take the date from: set SOURCE_DATE_EPOCH to the seconds since 1970');
  });
  return stdout.trim();
}

if (import.meta.main) console.log(await packageChart(join(root, 'chart'), join(root, 'dist'), await sourceDate()));
