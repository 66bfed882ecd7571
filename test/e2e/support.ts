import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Cluster, startCluster } from '../../scripts/cluster/cluster.ts';
import { jobImage, pushJobImage } from '../../scripts/cluster/job-image.ts';
import type { Kubectl } from '../../scripts/cluster/workloads.ts';
import { tool } from '../../scripts/tools.ts';
import { searchControlPlane, searchFiles } from '../support/leaks/search-cluster.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';

const run = promisify(execFile);

export const root = join(import.meta.dirname, '..', '..');
export const chart = join(root, 'chart');
export const releaseNamespace = 'registry-access';
/** A password that breaks whatever is not careful. */
export const password = uniquePassword('s3cr3t', ',p@ss"w\\ord');
export const images = { registry: 'registry.example.com/team/app:1', dockerHub: 'docker.io/team/app:1' };

/** What every install needs to know of the job's image, which lies in the private registry. */
export const imageValues = [
  '--set',
  `image.repository=${jobImage.slice(0, jobImage.lastIndexOf(':'))}`,
  '--set',
  `image.tag=${jobImage.slice(jobImage.lastIndexOf(':') + 1)}`,
  // Pods have no DNS here; verify.test.ts has a registry that they reach.
  '--set',
  'verifyCredentials=off',
];

/** The flags of the README's install command, for both registries. */
export function credentials(secret = password): string[] {
  return [
    '--set',
    'registries.main.server=registry.example.com,registries.main.username=robot',
    '--set-literal',
    `registries.main.password=${secret}`,
    '--set',
    'registries.hub.server=docker.io,registries.hub.username=robot',
    '--set-literal',
    `registries.hub.password=${secret}`,
  ];
}

export interface TestCluster extends AsyncDisposable {
  cluster: Cluster;
  kubectl: Kubectl;
  helm(...args: string[]): Promise<string>;
  helm3(...args: string[]): Promise<string>;
  /** Creates objects in this order, in one command. */
  apply(...objects: object[]): Promise<void>;
  /** Creates a pod that names no pull secret itself. */
  createPod(namespace: string, name: string, image: string): Promise<void>;
  untilPodRuns(namespace: string, name: string): Promise<void>;
  /** Pushes the image that does nothing to a registry, under one more name that no node has pulled yet. */
  pushApp(where: 'registry' | 'dockerHub', name: string): Promise<void>;
}

/** A cluster with private images in both registries; the job's own image is one of them. */
export async function startTestCluster(): Promise<TestCluster> {
  const cluster = await startCluster(password);
  const { kubeconfig } = cluster.controlPlane;
  const withKubeconfig =
    (path: string) =>
    async (...args: string[]) =>
      (await run(path, ['--kubeconfig', kubeconfig, ...args], { maxBuffer: 64 << 20 })).stdout;
  const kubectl = withKubeconfig(await tool('kubectl'));
  const pushApp: TestCluster['pushApp'] = (where, name) => cluster[where].push(cluster.node.pauseArchive, name);

  await Promise.all([pushApp('registry', 'team/app:1'), pushApp('dockerHub', 'team/app:1')]);
  await pushJobImage(cluster);
  return {
    cluster,
    kubectl,
    helm: withKubeconfig(await tool('helm')),
    helm3: withKubeconfig(await tool('helm3')),
    async apply(...objects) {
      const file = join(cluster.controlPlane.directory, 'objects.json');
      await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
      await kubectl('apply', '-f', file);
    },
    async createPod(namespace, name, image) {
      await kubectl('run', name, '-n', namespace, '--image', image);
    },
    async untilPodRuns(namespace, name) {
      await kubectl('wait', '--for=condition=Ready', `pod/${name}`, '-n', namespace, '--timeout=90s');
    },
    pushApp,
    async [Symbol.asyncDispose]() {
      try {
        await searchControlPlane(cluster.controlPlane);
        await searchFiles('/var/log/pods', '**/*.log');
      } finally {
        await cluster.stop();
      }
    },
  };
}
