import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import Handlebars from 'handlebars';
import { stringify } from 'yaml';
import { findRunc } from '../runc.ts';
import { tool } from '../tools.ts';
import { pauseImage, writeImageArchive } from './archive.ts';
import { type ControlPlane, untilAlive } from './control-plane.ts';
import { shieldKernelSettings } from './kernel-settings.ts';
import { type Process, startProcess } from './process.ts';
import type { Registry } from './registry.ts';

const run = promisify(execFile);
/** The name of the one node. */
const nodeName = 'node';
/** The address of the Service `kubernetes`, at which the API server listens itself: no kube-proxy, no iptables. */
export const serviceAddress = '10.96.0.1';

export interface ClusterNode extends AsyncDisposable {
  /** An archive of an image that does nothing, to be pushed under any name. */
  pauseArchive: string;
  stop(): Promise<void>;
}

/** What has to be done before a control plane can listen at the address of the Service `kubernetes`. */
export async function claimServiceAddress(): Promise<void> {
  await run('ip', ['address', 'add', `${serviceAddress}/32`, 'dev', 'lo']);
}

/**
 * Starts scheduler, containerd and kubelet, ready in about 5 s. Programs write to fixed places of the machine, which are
 * empty file systems of the sandbox here.
 *
 * @param registries the registries that image names lead to
 */
export async function startNode(controlPlane: ControlPlane, registries: readonly Registry[]): Promise<ClusterNode> {
  const { directory, kubeconfig } = controlPlane;
  for (const place of ['/run', '/var/lib', '/var/log']) await run('mount', ['-t', 'tmpfs', 'tmpfs', place]);
  await shieldKernelSettings(directory);
  const pauseArchive = join(directory, 'pause.tar');
  const entrypoint = {
    files: { '/pause': await tool('pause') },
    config: { Entrypoint: ['/pause'], User: '65532:65532' },
  };
  await writeImageArchive(pauseArchive, entrypoint);

  const socket = join(directory, 'containerd.sock');
  await writeContainerdFiles(directory, socket, registries);
  const scheduler = await startScheduler(directory, kubeconfig);
  const containerd = await startContainerd(directory);
  const processes = [scheduler, containerd];
  const stop = async () => {
    for (const one of processes.toReversed()) await one.stop();
    await unmountBelow(directory);
  };
  try {
    const ctr = [await tool('ctr'), '--address', socket, '--namespace', 'k8s.io'] as const;
    await untilAlive('containerd answers', processes, async () => succeeds(...ctr, 'version'));
    await run(ctr[0], [...ctr.slice(1), 'images', 'import', pauseArchive]);
    processes.push(await startKubelet(directory, kubeconfig, socket));
    const kubectl = await tool('kubectl');
    const ready = ['wait', '--for=condition=Ready', `node/${nodeName}`, '--timeout=1s'];
    await untilAlive('the node is ready', processes, () => succeeds(kubectl, '--kubeconfig', kubeconfig, ...ready));
  } catch (error) {
    await stop();
    throw error;
  }
  return { pauseArchive, stop, [Symbol.asyncDispose]: stop };
}

async function writeContainerdFiles(directory: string, socket: string, registries: readonly Registry[]): Promise<void> {
  const render = Handlebars.compile(await readFile(join(import.meta.dirname, 'containerd.toml.hbs'), 'utf8'), {
    noEscape: true,
    strict: true,
  });
  const cniPrograms = dirname(await tool('bridge'));
  const view = { directory, socket, pauseImage, cniPrograms, runc: await findRunc() };
  await writeFile(join(directory, 'containerd.toml'), render(view));
  for (const { host, address } of registries) {
    const folder = join(directory, 'registries', host);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'hosts.toml'), `server = "http://${address}"\n`);
  }
  await mkdir(join(directory, 'cni'));
  await writeFile(join(directory, 'cni', '10-bridge.conflist'), JSON.stringify(network(directory)));
}

function network(directory: string): object {
  const ipam = {
    type: 'host-local',
    dataDir: join(directory, 'cni-addresses'),
    ranges: [[{ subnet: '10.88.0.0/16' }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [{ type: 'bridge', bridge: 'pods0', isGateway: true, ipMasq: false, ipam }],
  };
}

async function startScheduler(directory: string, kubeconfig: string): Promise<Process> {
  const flags = [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0'];
  return startProcess('kube-scheduler', await tool('kube-scheduler'), flags, { directory });
}

async function startContainerd(directory: string): Promise<Process> {
  const containerd = await tool('containerd');
  // It finds its shim by PATH.
  const env = { PATH: `${dirname(containerd)}:${process.env.PATH}` };
  return startProcess('containerd', containerd, ['--config', join(directory, 'containerd.toml')], { directory, env });
}

async function startKubelet(directory: string, kubeconfig: string, socket: string): Promise<Process> {
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${socket}`,
    // Nobody but this sandbox reaches it.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    cgroupDriver: 'cgroupfs',
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    failCgroupV1: false,
    failSwapOn: false,
    // A full disk of this machine is no matter of these pods.
    evictionHard: { 'imagefs.available': '0%', 'nodefs.available': '0%' },
    imageGCHighThresholdPercent: 100,
    // A pull over the limit of five a second fails, and the next try is 10 s later.
    registryPullQPS: 0,
    serializeImagePulls: false,
    volumePluginDir: join(directory, 'volume-plugins'),
    clusterDNS: [],
    resolvConf: '',
  };
  await writeFile(join(directory, 'kubelet.yaml'), stringify(config));
  const flags = [
    `--config=${join(directory, 'kubelet.yaml')}`,
    `--kubeconfig=${kubeconfig}`,
    `--root-dir=${join(directory, 'kubelet')}`,
    `--cert-dir=${join(directory, 'kubelet-certificates')}`,
    `--hostname-override=${nodeName}`,
    `--node-ip=${serviceAddress}`,
  ];
  return startProcess('kubelet', await tool('kubelet'), flags, { directory });
}

/** Pods end with the sandbox; until then their volumes would keep the folder from being removed. */
async function unmountBelow(directory: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  const below = mounts.filter((place) => place.startsWith(`${directory}/`));
  for (const place of below.toReversed()) await run('umount', ['--lazy', place]);
}

async function succeeds(command: string, ...args: string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  );
}
