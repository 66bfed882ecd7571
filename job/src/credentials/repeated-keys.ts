import { foldKey } from './json-fields.ts';
import { keyPaths } from './json-keys.ts';

/** What a docker config holds twice, where `JSON.parse` shows the last only. */
export interface RepeatedKeys {
  /** "auths" itself. Go's decoder takes the entries of both. */
  auths: boolean;
  /** The registries, by the key as it is written. */
  hosts: ReadonlySet<string>;
  /** By the key of the registry: the field of its login that is there twice. Go's decoder takes the last that is not null. */
  fields: ReadonlyMap<string, string>;
}

const loginFields = new Set(['auth', 'username', 'password']);

/**
 * @param text the JSON text of a docker config
 * @param bare the registries are the keys at its top, with no "auths" around them
 */
export function findRepeatedKeys(text: string, bare: boolean): RepeatedKeys {
  const above = bare ? 0 : 1;
  const known = new Set<string>();
  const hosts = new Set<string>();
  const fields = new Map<string, string>();
  let auths = 0;
  let ofEntry = new Set<string>();
  for (const path of keyPaths(text, above + 2)) {
    if (!bare && foldKey(path[0] as string) !== 'auths') continue;
    const [host, field] = path.slice(above);
    if (host === undefined) {
      auths += 1;
    } else if (field === undefined) {
      if (known.has(host)) hosts.add(host);
      known.add(host);
      ofEntry = new Set();
    } else {
      const name = foldKey(field);
      if (ofEntry.has(name) && loginFields.has(name)) fields.set(host, name);
      ofEntry.add(name);
    }
  }
  return { auths: auths > 1, hosts, fields };
}
