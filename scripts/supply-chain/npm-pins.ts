import { isDeepStrictEqual } from 'node:util';
import { type Lockfile, lockedPackages, type Manifest } from './lockfile.ts';

const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;
const exactVersion = /^\d+\.\d+\.\d+(-[-.0-9A-Za-z]+)?$/;

/**
 * What keeps npm from installing the same bytes again: versions that are not exact, and packages without a checksum.
 *
 * @returns a sentence for each, with what to do
 */
export function npmPinFaults(manifest: Manifest, lockfile: Lockfile): string[] {
  const faults: string[] = [];
  for (const [name, version] of kinds.flatMap((kind) => Object.entries(manifest[kind] ?? {})))
    if (!exactVersion.test(version)) faults.push(`package.json: ${name} is "${version}": write one exact version`);
  if (!kinds.every((kind) => isDeepStrictEqual(manifest[kind], lockfile.packages['']?.[kind])))
    faults.push('package-lock.json is of another package.json: run "npm install"');
  for (const { name, locked } of lockedPackages(lockfile)) {
    if (!locked.integrity?.startsWith('sha512-'))
      faults.push(`package-lock.json: ${name} has no SHA-512 checksum: take it from a registry`);
    // Whoever installs uses a registry of their own, where the checksum counts and the address does not.
    if (locked.resolved !== undefined)
      faults.push(`package-lock.json: ${name} has an address: keep omit-lockfile-registry-resolved in .npmrc`);
  }
  return faults;
}
