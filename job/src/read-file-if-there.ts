import { readFile } from 'node:fs/promises';
import { exitCode } from './exit-code.ts';
import { ProblemError } from './problem.ts';

/**
 * The content of a file; `undefined` where there is none.
 *
 * @throws {ProblemError} exit code 1: it cannot be read
 */
export async function readFileIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ProblemError(
      { message: `file ${path} cannot be read`, fix: 'check its permissions and that it is a file' },
      exitCode.incomplete,
      { cause: error },
    );
  }
}
