import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The time that goes into what is built, so that whoever builds the same commit gets the same bytes: SOURCE_DATE_EPOCH of
 * the environment (https://reproducible-builds.org/specs/source-date-epoch/), or when the last commit was made.
 *
 * @throws an Error where there is neither, or SOURCE_DATE_EPOCH is no number
 */
export async function sourceDate(): Promise<Date> {
  const seconds = process.env.SOURCE_DATE_EPOCH ?? (await lastCommit());
  if (/^\d+$/.test(seconds)) return new Date(Number(seconds) * 1000);
  throw new Error('SOURCE_DATE_EPOCH is not a number: set it to the seconds since 1970');
}

async function lastCommit(): Promise<string> {
  const root = join(import.meta.dirname, '..');
  const { stdout } = await run('git', ['log', '-1', '--format=%ct'], { cwd: root }).catch(() => {
    throw new Error('there is no commit to take the date from: set SOURCE_DATE_EPOCH to the seconds since 1970');
  });
  return stdout.trim();
}
