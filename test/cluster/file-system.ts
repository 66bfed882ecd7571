import { execFile } from 'node:child_process';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file system in memory, in a folder of its own. It goes with the sandbox, where not before. */
export interface FileSystem extends AsyncDisposable {
  path: string;
}

/** @param options as `mount` takes them: `ro`, `size=4096` */
export async function makeFileSystem(options: string): Promise<FileSystem> {
  const path = await mkdtemp(join(tmpdir(), 'file-system-'));
  await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await run('umount', [path]);
      await rmdir(path);
    },
  };
}
