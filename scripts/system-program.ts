import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { installPackage } from './system-packages.ts';

/** Programs that come from the system, in the Debian package of the same name, and what they do. */
const programs = {
  /** Its seccomp support, which restricted pods ask for, needs a C library and a C compiler to build. */
  runc: 'runs the containers',
  rsync: "gives each job of GitLab's pipelines a copy of the repository",
  faketime: 'gives a program another clock',
  zsh: 'shows that it completes command lines',
  fish: 'shows that it completes command lines',
  chromium: 'shows the page to its tests',
  jq: 'takes reports apart, as the documents say',
  time: 'tells what a whole process took of processors and memory',
} as const;

export type SystemProgram = keyof typeof programs;

/**
 * The path of a program, which is installed where it is missing.
 *
 * @throws {CannotRunHere} where it may not or cannot be installed
 */
export async function systemProgram(name: SystemProgram): Promise<string> {
  const found = await search(name);
  if (found) return found;
  await installPackage(name, programs[name]);
  const installed = await search(name);
  if (!installed) throw new Error(`${name} was installed and is not found: add /usr/sbin to PATH`);
  return installed;
}

async function search(name: string): Promise<string | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  for (const folder of folders) {
    const path = join(folder, name);
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
