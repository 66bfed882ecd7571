import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { tool } from '../tools.ts';
import { shieldKernelSettings } from './kernel-settings.ts';
import { type Process, startProcess } from './process.ts';
import { serviceAddress } from './service-address.ts';

/** The name of the one node. */
export const nodeName = 'node';

/** Starts the kubelet. containerd has to answer at the socket. */
export async function startKubelet(directory: string, kubeconfig: string, socket: string): Promise<Process> {
  await shieldKernelSettings(directory);
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
    volumePluginDir: '/var/lib/kubelet/volume-plugins',
    clusterDNS: [],
    resolvConf: '',
  };
  await writeFile(join(directory, 'kubelet.yaml'), stringify(config));
  const flags = [
    `--config=${join(directory, 'kubelet.yaml')}`,
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${nodeName}`,
    `--node-ip=${serviceAddress}`,
  ];
  return startProcess('kubelet', await tool('kubelet'), flags, { directory });
}
