import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Cluster } from '../cluster/cluster.ts';
import { jobImage } from '../cluster/job-image.ts';
import type { Kubectl } from '../cluster/workloads.ts';
import { tool } from '../tools.ts';
import { demoNamespaces, type Stage } from './story.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

/** The password at both registries of the demo's own cluster, until it is changed. It breaks whatever is not careful. */
export const firstPassword = 's3cr3t,p@ss"w\\ord';

/** A cluster of the demo's own, with two private registries that it can change. */
export async function ownStage({ controlPlane, node, registry, dockerHub }: Cluster): Promise<Stage> {
  let password = firstPassword;
  const access = ['--kubeconfig', controlPlane.kubeconfig];
  const helmfile = await helmfileRunner(access);
  await registry.push(node.pauseArchive, 'team/api:1');
  await dockerHub.push(node.pauseArchive, 'team/web:1');
  return {
    kubectl: await kubectlRunner(access),
    images: { api: 'registry.example.com/team/api:1', web: 'docker.io/team/web:1' },
    helmfile: (...args) => {
      const auth = Buffer.from(`robot:${password}`).toString('base64');
      const auths = { 'registry.example.com': { auth }, 'https://index.docker.io/v1/': { auth } };
      return helmfile(args, { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }), PULLSECRET_SYNC_IMAGE: jobImage });
    },
    async rotate() {
      password = 'r0tated,p@ss"w\\ord';
      await Promise.all([registry.setPassword(password), dockerHub.setPassword(password)]);
      await registry.push(node.pauseArchive, 'team/api:2');
      return 'registry.example.com/team/api:2';
    },
  };
}

/**
 * A cluster that the person has and names. Nothing but the demo's own namespaces is selected, and it starts only where
 * none of them, and no release of ours, is there already.
 *
 * @param images private images of the registry that the environment holds credentials for
 */
export async function foreignStage(context: string, images: Record<string, string>): Promise<Stage> {
  const kubectl = await kubectlRunner(['--context', context]);
  const helmfile = await helmfileRunner(['--kube-context', context]);
  const names = (await kubectl('get', 'namespaces', '-o', 'name')).split('\n');
  const taken = ['registry-access', ...demoNamespaces].filter((name) => names.includes(`namespace/${name}`));
  if (taken.length > 0) {
    throw new Error(
      `the cluster has the namespaces ${taken.join(', ')} already: the demo does not touch what it did not make`,
    );
  }
  const only = ['--set', `namespaces.include={${demoNamespaces.join(',')}}`];
  return { kubectl, images, helmfile: (...args) => helmfile(args[0] === 'sync' ? [...args, ...only] : args, {}) };
}

async function kubectlRunner(access: string[]): Promise<Kubectl> {
  const kubectl = await tool('kubectl');
  return async (...args) => (await run(kubectl, [...access, ...args], { maxBuffer: 64 << 20 })).stdout;
}

async function helmfileRunner(access: string[]): Promise<(args: string[], env: NodeJS.ProcessEnv) => Promise<void>> {
  const [helmfile, helm] = [await tool('helmfile'), await tool('helm')];
  const [flag, value] = access as [string, string];
  const env = flag === '--kubeconfig' ? { ...process.env, KUBECONFIG: value } : process.env;
  const context = flag === '--kube-context' ? access : [];
  return async (args, credentials) => {
    const all = ['--file', join(root, 'helmfile.yaml'), '--helm-binary', helm, ...context, ...args];
    await run(helmfile, all, { env: { ...env, ...credentials } });
  };
}
