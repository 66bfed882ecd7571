import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';

/**
 * Writes a file whole or not at all: where a disk is full no half of it is left, and what was there before stays.
 *
 * @param overwrite replaces a file that is there; a device or a pipe is written to as it is
 * @throws the file system's error, `EEXIST` where the file is there already
 */
export async function writeWhole(file: string, text: string, overwrite: boolean): Promise<void> {
  const there = overwrite ? await realpath(file).catch(() => undefined) : undefined;
  if (there === undefined) return writeNew(file, text);
  const stats = await stat(there);
  if (!stats.isFile()) return writeFile(there, text);
  const beside = `${there}.${process.pid}.new`;
  await writeNew(beside, text, stats.mode);
  await rename(beside, there);
}

async function writeNew(file: string, text: string, mode?: number): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(text);
    // Some file systems notice only now that they are full.
    await handle.sync();
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}
