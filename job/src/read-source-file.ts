import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { exitCode } from './exit-code.ts';
import { ProblemError } from './problem.ts';

/** The most that a source may have: bytes. It is four times what a copy can hold, since a file may spell a login in several ways. */
const largestFile = 4 * 1_048_576;

/**
 * A file's content; `undefined` where there is no such file. What is not a file of some moderate size is refused before it
 * is read: a pipe nobody writes to, or a device, has no end.
 *
 * @throws {ProblemError} it cannot be read, or is no such file
 */
export async function readSourceFile(path: string): Promise<Buffer | undefined> {
  try {
    // Without O_NONBLOCK the opening of a pipe would wait for somebody to write to it.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return await contentOf(file, path);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unreadable(`file ${path} cannot be read`, 'check its permissions and that it is a file', error);
  }
}

async function contentOf(file: FileHandle, path: string): Promise<Buffer> {
  if (!(await file.stat()).isFile()) {
    throw unreadable(`file ${path} is a folder, a pipe or a device`, 'name a file that holds a docker config');
  }
  const chunks: Buffer[] = [];
  let size = 0;
  // What the system makes at the moment of reading says that it has no size, so the bytes are counted.
  for await (const chunk of file.createReadStream({ end: largestFile, autoClose: false })) {
    size += chunk.length;
    chunks.push(chunk);
  }
  if (size <= largestFile) return Buffer.concat(chunks);
  throw unreadable(
    `file ${path} has more than ${largestFile} bytes`,
    'name a file that holds a docker config and nothing else',
  );
}

function unreadable(message: string, fix: string, cause?: unknown): ProblemError {
  return new ProblemError({ message, fix }, exitCode.incomplete, { cause });
}
