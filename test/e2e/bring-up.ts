import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { documented } from '../support/page.ts';
import type { Shell } from '../support/shell.ts';
import { images, imageValues, password, type TestCluster } from './support.ts';

export const teams = ['team-a', 'team-b', 'team-c'];

/** Leaves a login at both registries, as `docker login` does. */
export async function logIn({ home }: Shell): Promise<void> {
  const auth = Buffer.from(`robot:${password}`).toString('base64');
  const auths = { 'registry.example.com': { auth }, 'https://index.docker.io/v1/': { auth } };
  await mkdir(join(home, '.docker'));
  await writeFile(join(home, '.docker', 'config.json'), JSON.stringify({ auths }));
}

/**
 * The one command of bootstrap and of recovery, and a new private pod in each namespace.
 *
 * @param pod the name of the pods
 * @returns seconds from the command until every pod runs
 */
export async function bringUp(
  cluster: TestCluster,
  shell: Shell,
  pod: string,
  namespaces: readonly string[] = teams,
): Promise<number> {
  const started = performance.now();
  await shell(`${documented('README.md', 'Install', 'dockerConfigJson').trim()} ${imageValues.join(' ')}`);
  for (const namespace of namespaces) await cluster.createPod(namespace, pod, images.dockerHub);
  for (const namespace of namespaces) await cluster.untilPodRuns(namespace, pod);
  return (performance.now() - started) / 1000;
}
