import { chmod, lstat, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Gives a folder, and what is in it, one time and the usual rights (755 and 644), whatever the checkout and the umask made
 * of them. Archives hold both.
 */
export async function makeUniform(folder: string, date: Date): Promise<void> {
  const inside = (await readdir(folder, { recursive: true })).map((path) => join(folder, path));
  for (const path of [folder, ...inside]) {
    await chmod(path, (await lstat(path)).isDirectory() ? 0o755 : 0o644);
    await utimes(path, date, date);
  }
}
