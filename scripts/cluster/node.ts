import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import Handlebars from 'handlebars';
import { systemProgram } from '../system-program.ts';
import { tool } from '../tools.ts';
import { writeImageArchive } from './archive.ts';
import type { ControlPlane } from './control-plane.ts';
import { nodeName, startKubelet } from './kubelet.ts';
import { type Process, startProcess, untilAlive } from './process.ts';
import type { Registry } from './registry.ts';

const run = promisify(execFile);
const socket = '/run/containerd/containerd.sock';
/** The image of the container that holds each pod's network; no registry has it. */
const pauseImage = 'pullsecret-sync.local/pause:1';

export interface ClusterNode extends AsyncDisposable {
  /** An archive of an image that does nothing, to be pushed under any name. */
  pauseArchive: string;
  stop(): Promise<void>;
}

/**
 * Starts scheduler, containerd and kubelet, ready in about 5 s. They keep their state in the usual places of the machine,
 * which are empty file systems of the sandbox here: a socket's path has about 100 characters at most, which a temporary
 * folder may exceed. Pods end with the sandbox, not before.
 *
 * @param registries the registries that image names lead to
 */
export async function startNode(controlPlane: ControlPlane, registries: readonly Registry[]): Promise<ClusterNode> {
  const { directory, kubeconfig } = controlPlane;
  for (const place of ['/run', '/var/lib', '/var/log']) await run('mount', ['-t', 'tmpfs', 'tmpfs', place]);
  const pauseArchive = join(directory, 'pause.tar');
  const entrypoint = {
    files: { '/pause': await tool('pause') },
    config: { Entrypoint: ['/pause'], User: '65532:65532' },
  };
  await writeImageArchive(pauseArchive, pauseImage, entrypoint);

  await writeContainerdFiles(directory, registries);
  const scheduler = await startScheduler(directory, kubeconfig);
  const containerd = await startContainerd(directory);
  const processes = [scheduler, containerd];
  const stop = async () => {
    for (const one of processes.toReversed()) await one.stop();
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

async function writeContainerdFiles(directory: string, registries: readonly Registry[]): Promise<void> {
  const render = Handlebars.compile(await readFile(join(import.meta.dirname, 'containerd.toml.hbs'), 'utf8'), {
    noEscape: true,
    strict: true,
  });
  const cniPrograms = dirname(await tool('bridge'));
  const view = { directory, socket, pauseImage, cniPrograms, runc: await systemProgram('runc') };
  await writeFile(join(directory, 'containerd.toml'), render(view));
  for (const registry of registries) await nameRegistry(directory, registry);
  await mkdir(join(directory, 'cni'));
  await writeFile(join(directory, 'cni', '10-bridge.conflist'), JSON.stringify(network(directory)));
}

/** Lets images of a registry's name come from where it listens; containerd looks at each pull. */
export async function nameRegistry(directory: string, { host, address }: Registry): Promise<void> {
  const folder = join(directory, 'registries', host);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'hosts.toml'), `server = "http://${address}"\n`);
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

async function succeeds(command: string, ...args: string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  );
}
