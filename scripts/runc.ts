import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { installPackage } from './system-packages.ts';

/**
 * The path of runc, from the system: its seccomp support, which restricted pods ask for, needs a C library and a C
 * compiler to build.
 */
export async function findRunc(): Promise<string> {
  const found = await search();
  if (found) return found;
  await installPackage('runc', 'runs the containers');
  const installed = await search();
  if (!installed) throw new Error('runc was installed and is not found: add /usr/sbin to PATH');
  return installed;
}

async function search(): Promise<string | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  for (const folder of folders) {
    const path = join(folder, 'runc');
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}
