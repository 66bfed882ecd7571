import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ControlPlane } from '../../../scripts/cluster/control-plane.ts';
import { storedStates } from './stored-states.ts';
import { isAccountedFor } from './unique-password.ts';
import { foundAmiss, searchObject, searchOutput } from './verdict.ts';

const secrets = '/registry/secrets/';
const login = /"auth" ?: ?"([A-Za-z0-9+/=]+)"/g;

const exceptions: RegExp[] = [];

/**
 * Leaves out objects that tests make themselves: such as hold a password where none should be, or one that cannot be
 * searched for.
 *
 * @param _why what makes the tests need just these
 * @param keys of what etcd calls them, such as `/registry/pods/<namespace>/<name>`
 */
export function exceptObjects(_why: string, keys: RegExp): void {
  exceptions.push(keys);
}

/**
 * Searches all that a control plane has ever stored but its Secrets, and the logs of its programs. A Secret is looked at
 * for whether its passwords are such as can be found: a test that uses others tests nothing of this.
 */
export async function searchControlPlane({ server, directory }: ControlPlane): Promise<void> {
  for await (const { key, value } of storedStates(`http://${new URL(server).hostname}:2379`)) {
    if (exceptions.some((keys) => keys.test(key))) continue;
    if (key.startsWith(secrets)) assertUnique(key, value);
    else searchObject(key, key + value);
  }
  await searchFiles(directory, '*.log');
}

/** Searches files, each as if it were printed. */
export async function searchFiles(folder: string, pattern: string): Promise<void> {
  for (const file of globSync(pattern, { cwd: folder })) {
    searchOutput(basename(file), await readFile(join(folder, file), 'latin1'));
  }
}

function assertUnique(key: string, value: string): void {
  for (const [, encoded = ''] of value.matchAll(login)) {
    const [, password] = /:(.*)/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
    if (password && !isAccountedFor(password)) foundAmiss(`A password in ${key} is not made by uniquePassword`);
  }
}
