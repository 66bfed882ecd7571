import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { promisify } from 'node:util';
import { writeImageArchive } from './archive.ts';

const run = promisify(execFile);

/**
 * Writes a base image for the job where no public one can be pulled: the Node that runs this, and the shared libraries
 * that it names.
 */
export async function writeNodeBase(archive: string): Promise<void> {
  const node = await realpath(process.execPath);
  const { stdout } = await run('ldd', [node]);
  const libraries = stdout.split('\n').flatMap((line) => /(?:=> |^\s*)(\/\S+)/.exec(line)?.[1] ?? []);
  const files = Object.fromEntries(libraries.map((library) => [library, library]));
  const content = { files: { ...files, '/usr/local/bin/node': node }, config: {} };
  await writeImageArchive(archive, 'pullsecret-sync.local/node:26', content);
}
