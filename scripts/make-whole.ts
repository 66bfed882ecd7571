import { existsSync } from 'node:fs';
import { mkdir, mkdtempDisposable, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder that is there whole or not at all, however many processes make it at the same time and whatever ends them.
 *
 * @param make fills a folder beside it, which becomes it once that is done
 */
export async function makeWhole(folder: string, make: (unfinished: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  await using unfinished = await mkdtempDisposable(`${folder}.`);
  await make(unfinished.path);
  await rename(unfinished.path, folder).catch((error) => {
    // Another process was faster with the same.
    if (!existsSync(folder)) throw error;
  });
}
