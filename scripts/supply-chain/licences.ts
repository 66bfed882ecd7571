import satisfies from 'spdx-satisfies';
import { type Lockfile, lockedPackages } from './lockfile.ts';

/** What may be handed on in the bundle, under Apache-2.0 and with no more than a notice: identifiers of the SPDX list. */
const forBundle = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense'];
/**
 * What may serve to build and test, and is not handed on. CC-BY-3.0 and CC0-1.0 are of lists of licences, CC-BY-4.0 of one of
 * browsers, MPL-2.0 of axe.
 */
const forUse = [...forBundle, 'BlueOak-1.0.0', 'CC-BY-3.0', 'CC-BY-4.0', 'CC0-1.0', 'MPL-2.0', 'PSF-2.0'];

/**
 * Whether a package with this licence may be in the bundle.
 *
 * @param licence the field of its package.json: an SPDX expression, or anything else, which is no
 */
export function mayBeBundled(licence: unknown): boolean {
  return isAllowed(licence, forBundle);
}

/**
 * Packages whose licence forbids even to use them for builds and tests, or is unknown.
 *
 * @returns a sentence for each, with what to do
 */
export function licenceFaults(lockfile: Lockfile): string[] {
  return lockedPackages(lockfile)
    .filter(({ locked }) => !isAllowed(locked.license, forUse))
    .map(({ name, locked }) => `${name} has the licence ${locked.license ?? '(none)'}: do without it, or allow that`);
}

function isAllowed(licence: unknown, allowed: readonly string[]): boolean {
  try {
    return satisfies(licence as string, allowed);
  } catch {
    // Not in the words of SPDX, such as "SEE LICENSE IN LICENSE.md".
    return false;
  }
}
