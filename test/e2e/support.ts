import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { V1Pod } from '@kubernetes/client-node';
import { type Cluster, startCluster } from '../../scripts/cluster/cluster.ts';
import { writeNodeBase } from '../../scripts/cluster/node-base.ts';
import { tool } from '../../scripts/tools.ts';
import { until } from '../../scripts/until.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const imageName = 'tools/pullsecret-sync';

export const chart = join(root, 'chart');
export const releaseNamespace = 'registry-access';
/** A password that breaks whatever is not careful. */
export const password = 's3cr3t,p@ss"w\\ord';
export const images = { registry: 'registry.example.com/team/app:1', dockerHub: 'docker.io/team/app:1' };

export interface TestCluster extends AsyncDisposable {
  cluster: Cluster;
  kubectl(...args: string[]): Promise<string>;
  helm(...args: string[]): Promise<string>;
  helm3(...args: string[]): Promise<string>;
  createNamespace(name: string, annotations?: Record<string, string>): Promise<void>;
  /** Creates a pod that names no pull secret itself. */
  createPod(namespace: string, name: string, image: string): Promise<void>;
  untilPodRuns(namespace: string, name: string): Promise<void>;
  /** Resolves once the kubelet says that it cannot pull the pod's image. */
  untilPullFails(namespace: string, name: string): Promise<void>;
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
  const pod = async (namespace: string, name: string): Promise<V1Pod> =>
    JSON.parse(await kubectl('get', 'pod', name, '-n', namespace, '-o', 'json'));

  const test: TestCluster = {
    cluster,
    kubectl,
    helm: withKubeconfig(await tool('helm')),
    helm3: withKubeconfig(await tool('helm3')),
    async createNamespace(name, annotations = {}) {
      await kubectl('create', 'namespace', name);
      for (const [key, value] of Object.entries(annotations))
        await kubectl('annotate', 'namespace', name, `${key}=${value}`);
      await kubectl('wait', '--for=create', 'serviceaccount/default', '-n', name, '--timeout=60s');
    },
    async createPod(namespace, name, image) {
      await kubectl('run', name, '-n', namespace, '--image', image);
    },
    async untilPodRuns(namespace, name) {
      await kubectl('wait', '--for=condition=Ready', `pod/${name}`, '-n', namespace, '--timeout=90s');
    },
    untilPullFails: (namespace, name) =>
      until(`pod ${namespace}/${name} cannot pull its image`, async () => {
        const { status } = await pod(namespace, name);
        const reason = status?.containerStatuses?.[0]?.state?.waiting?.reason;
        return reason === 'ErrImagePull' || reason === 'ImagePullBackOff';
      }),
    pushApp: (where, name) => cluster[where].push(cluster.node.pauseArchive, name),
    [Symbol.asyncDispose]: () => cluster.stop(),
  };
  await Promise.all([test.pushApp('registry', 'team/app:1'), test.pushApp('dockerHub', 'team/app:1')]);
  await pushJobImage(cluster);
  return test;
}

/** What every install needs to know of the job's image, which lies in the private registry. */
export const imageValues = ['--set', `image.repository=registry.example.com/${imageName},image.tag=test`];

async function pushJobImage({ registry, controlPlane }: Cluster): Promise<void> {
  const base = join(controlPlane.directory, 'node-base.tar');
  await writeNodeBase(base);
  await registry.push(base, 'base/node:26');
  const config = join(controlPlane.directory, 'docker-config');
  await mkdir(config);
  const auth = Buffer.from(`${registry.username}:${password}`).toString('base64');
  await writeFile(join(config, 'config.json'), JSON.stringify({ auths: { [registry.address]: { auth } } }));
  const args = [
    `${registry.address}/${imageName}:test`,
    '--push',
    '--platform',
    `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  ];
  await run('npm', ['run', 'image', '--', ...args, '--base', `${registry.address}/base/node:26`], {
    cwd: root,
    env: { ...process.env, DOCKER_CONFIG: config },
  });
}
