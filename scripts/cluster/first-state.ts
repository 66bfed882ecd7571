import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cacheFolder } from '../cache-folder.ts';
import { makeWhole } from '../make-whole.ts';
import { tool } from '../tools.ts';
import { prepareServers, stateFolder } from './servers.ts';

/**
 * The folder of an etcd in which an API server has stored what it makes for itself, such as roles and system namespaces,
 * and nothing else. To make that is a third of its work until it is ready, so it is made once for each version.
 */
export async function firstState(): Promise<string> {
  const folder = join(cacheFolder(), `first-state-${await versionOf()}`);
  if (existsSync(folder)) return folder;
  const servers = await prepareServers();
  try {
    await servers.start();
    // In good order, and the one that writes first: what is copied has to be whole.
    for (const program of servers.processes.toReversed()) await program.stop();
    await makeWhole(folder, (unfinished) => cp(stateFolder(servers), unfinished, { recursive: true }));
  } finally {
    await servers.stop();
  }
  return folder;
}

/** All that decides what is in it: the programs, and how they are started. */
async function versionOf(): Promise<string> {
  const programs = await Promise.all([tool('kube-apiserver'), tool('etcd')]);
  const hash = createHash('sha256').update(programs.map((program) => basename(dirname(program))).join());
  hash.update(await readFile(join(import.meta.dirname, 'control-plane-programs.ts')));
  return hash.digest('hex').slice(0, 16);
}
