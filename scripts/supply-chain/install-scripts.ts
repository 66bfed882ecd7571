import { type Lockfile, lockedPackages, type Manifest } from './lockfile.ts';

/**
 * Packages with an install script that nobody looked at. `allowScripts` in package.json names those that somebody did, each
 * by its name alone: npm can tie an entry to a version only where the lockfile has addresses, and ours has none. npm before
 * 12 would run every other script, so none is run at all.
 *
 * @param npmrc the text of .npmrc
 * @returns a sentence for each, with what to do
 */
export function installScriptFaults({ allowScripts = {} }: Manifest, lockfile: Lockfile, npmrc: string): string[] {
  const packages = lockedPackages(lockfile).filter(({ locked }) => locked.hasInstallScript);
  const names = new Set(packages.map(({ name }) => name));
  const unknown = [...names].filter((name) => !Object.hasOwn(allowScripts, name));
  const stale = Object.keys(allowScripts).filter((name) => !names.has(name));
  const ignored = npmrc.split('\n').some((line) => line.trim() === 'ignore-scripts=true');
  return [
    ...(ignored ? [] : ['.npmrc: ignore-scripts=true is missing: a package could run code while it is installed']),
    ...unknown.map((name) => `${name} has an install script: read it, and name it in allowScripts of package.json`),
    ...stale.map((name) => `allowScripts of package.json: there is no package "${name}" with an install script`),
  ];
}
