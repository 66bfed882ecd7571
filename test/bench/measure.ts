import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemProgram } from '../../scripts/system-program.ts';

/** A program with what it is told. */
export interface Command {
  program: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
}

/** What a whole process took, from exec to exit, by the operating system's own account. */
export interface Measurement {
  /** Wall time: seconds. */
  seconds: number;
  /** In user mode and in the kernel: seconds. */
  cpuSeconds: number;
  /** The most memory that it held at any time: MB of 1,000,000 bytes. */
  megabytes: number;
  /** When it was started: milliseconds since 1970. */
  startedAt: number;
}

/**
 * Runs a command to its end and measures it.
 *
 * @param directory where the account may lie meanwhile
 * @throws an Error with what it printed where it fails: a failed run is no figure
 */
export async function measure({ program, args, env = {} }: Command, directory: string): Promise<Measurement> {
  const account = join(directory, 'account');
  const time = await systemProgram('time');
  const startedAt = performance.timeOrigin + performance.now();
  const child = spawn(time, ['--format=%U %S %M', `--output=${account}`, program, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(chunk));
  const [code] = await once(child, 'close');
  const seconds = (performance.timeOrigin + performance.now() - startedAt) / 1000;
  if (code !== 0) throw new Error(`${program} ${args[0]} exited with ${code}:\n${Buffer.concat(printed)}`);

  const [user = 0, system = 0, kibibytes = 0] = (await readFile(account, 'utf8')).trim().split(' ').map(Number);
  return { seconds, cpuSeconds: user + system, megabytes: (kibibytes * 1024) / 1e6, startedAt };
}

/** The one in the middle: a machine that is busy for a moment moves it least. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = sorted.length % 2 === 1 ? [middle, middle] : [middle - 1, middle];
  return ((sorted[low] ?? Number.NaN) + (sorted[high] ?? Number.NaN)) / 2;
}

/** The value that so many of a hundred do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? Number.NaN;
}
