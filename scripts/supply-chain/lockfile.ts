/** What of package.json says which packages there are. */
export interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  /** npm's own list of packages whose install scripts may run (`true`) or may not (`false`). */
  allowScripts?: Record<string, boolean>;
}

/** A package in package-lock.json, version 3, with what it asks for itself. */
export interface LockedPackage extends Manifest {
  integrity?: string;
  /** The address that it came from. */
  resolved?: string;
  license?: string;
  /** It is needed by the scripts and tests only, not by the job. */
  dev?: boolean;
  hasInstallScript?: boolean;
}

export interface Lockfile {
  /** By path, such as `node_modules/a/node_modules/b`; the project itself is `""`. */
  packages: Record<string, LockedPackage>;
}

const folder = 'node_modules/';

/** All packages, each with its name. Of some there are several versions. */
export function lockedPackages({ packages }: Lockfile): Array<{ name: string; locked: LockedPackage }> {
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, locked]) => ({ name: path.slice(path.lastIndexOf(folder) + folder.length), locked }));
}
