import { chart, credentials, images, imageValues, releaseNamespace, type TestCluster } from './support.ts';

export const teams = ['team-a', 'team-b', 'team-c'];

/**
 * The one command of bootstrap and of recovery, and a new private pod in each namespace.
 *
 * @param pod the name of the pods
 * @returns seconds from the command until every pod runs
 */
export async function bringUp(
  cluster: TestCluster,
  pod: string,
  namespaces: readonly string[] = teams,
): Promise<number> {
  const started = performance.now();
  const place = ['-n', releaseNamespace, '--create-namespace'];
  await cluster.helm('upgrade', '--install', 'pullsecret-sync', chart, ...place, ...imageValues, ...credentials());
  for (const namespace of namespaces) await cluster.createPod(namespace, pod, images.dockerHub);
  for (const namespace of namespaces) await cluster.untilPodRuns(namespace, pod);
  return (performance.now() - started) / 1000;
}
