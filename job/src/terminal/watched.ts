import { fstatSync } from 'node:fs';

export interface Streams<Stream> {
  stdout: Stream;
  stderr: Stream;
}

/**
 * Where a person watches the program, if anybody does: a terminal that can take back what it shows. Where the standard output
 * is a pipe, who reads it may write to the same terminal, and where a CI gives a terminal, what is shown is kept as a log.
 */
export function watchedStream(
  { stdout, stderr }: Streams<{ isTTY: boolean; fd: number }>,
  { TERM, CI }: NodeJS.ProcessEnv,
): keyof Streams<unknown> | undefined {
  if (TERM === 'dumb' || CI) return undefined;
  if (stdout.isTTY) return 'stdout';
  return stderr.isTTY && fstatSync(stdout.fd).isFile() ? 'stderr' : undefined;
}
