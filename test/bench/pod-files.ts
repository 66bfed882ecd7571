import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const folder = '/run/secrets/kubernetes.io/serviceaccount';

/**
 * Puts what a kubelet puts into a pod where the job looks for it, in this sandbox only, so that it is measured as it runs
 * in a cluster and not as a person runs it, with a kubeconfig.
 *
 * @returns the environment of such a pod
 */
export async function podFiles({
  server,
  caFile,
  token,
}: {
  server: string;
  caFile: string;
  token: string;
}): Promise<NodeJS.ProcessEnv> {
  const { status } = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('a file system of its own cannot be mounted at /run of the sandbox');
  await mkdir(folder, { recursive: true });
  await copyFile(caFile, join(folder, 'ca.crt'));
  await writeFile(join(folder, 'token'), token);
  const { hostname, port } = new URL(server);
  return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, HOME: '/nonexistent' };
}
