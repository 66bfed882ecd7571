import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { type Access, accessProblem } from './access.ts';

/** Where the kubelet puts what a pod's ServiceAccount needs. */
const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
const tokenFile = join(folder, 'token');
/** How long a connection waits for the next request, before a server or a proxy would close it: milliseconds. */
const idleTime = 60_000;

/** Whether this process runs in a pod that may talk to its API server. */
export function isPod(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.KUBERNETES_SERVICE_HOST) && existsSync(tokenFile);
}

/**
 * The API server of the cluster that a pod runs in. Client-node can tell it too, and loading that takes as long as all the
 * rest of a start, each minute in each cluster.
 *
 * Source: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/#directly-accessing-the-rest-api
 *
 * @throws {ProblemError} where the kubelet's files cannot be read
 */
export async function podAccess({
  KUBERNETES_SERVICE_HOST: host = '',
  KUBERNETES_SERVICE_PORT: port = '443',
}: NodeJS.ProcessEnv): Promise<Access> {
  const server = new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`);
  return {
    server,
    agent: new Agent({ keepAlive: true, timeout: idleTime, ca: await read(join(folder, 'ca.crt')) }),
    async login() {
      return { authorization: `Bearer ${(await read(tokenFile)).trim()}` };
    },
  };
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw accessProblem(
      `the file ${file} of the pod's ServiceAccount cannot be read`,
      'leave automountServiceAccountToken on, and let the pod run as the user that the chart gives it',
    );
  }
}
