import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { makeUniform } from './uniform-files.ts';

const root = join(import.meta.dirname, '..');
/** What the image has above its base, as job/Dockerfile takes it, once it is built. */
export const imageFiles = [
  'dist/pullsecret-sync.mjs',
  'dist/pullsecret-sync',
  'dist/NOTICES.txt',
  'dist/pullsecret-sync.cdx.json',
  'LICENSE',
] as const;

/**
 * Copies that into an empty folder, all with the same time and rights: BuildKit takes both into the image. Its own option
 * `rewrite-timestamp` changes the time only of what is newer, and no rights.
 */
export async function writeImageContext(folder: string, date: Date): Promise<void> {
  for (const file of imageFiles) await cp(join(root, file), join(folder, file), { recursive: true });
  await makeUniform(folder, date);
}
