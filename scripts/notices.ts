import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mayBeBundled } from './supply-chain/licences.ts';

const packageFolder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/**
 * The licences of the packages that a bundle holds: most of them ask to go wherever the code goes.
 *
 * @param inputs the bundle's files, relative to `root`
 * @throws an Error that names a package without a licence file, or with a licence that does not let us hand it on
 */
export async function noticesOf(inputs: readonly string[], root: string): Promise<string> {
  const folders = new Set(inputs.flatMap((input) => packageFolder.exec(input)?.[0] ?? []));
  const notices = await Promise.all([...folders].toSorted().map((folder) => noticeOf(join(root, folder))));
  return notices.join('\n');
}

async function noticeOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  if (!mayBeBundled(license))
    throw new Error(`the package ${name} has the licence ${license}, which no bundle may hold`);
  const files = (await readdir(folder)).filter((file) => /^((un)?licen[cs]e|copying|notice)/i.test(file)).toSorted();
  if (files.length === 0) throw new Error(`the package ${name} has no file with its licence`);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return [`${name} ${version} (${license})`, ...texts].map((text) => `${text.trim()}\n`).join('\n');
}
