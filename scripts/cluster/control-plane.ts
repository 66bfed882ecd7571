import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { hasServiceAccount } from './api-probe.ts';
import { startControllerManager } from './control-plane-programs.ts';
import { firstState } from './first-state.ts';
import { untilAlive } from './process.ts';
import { prepareServers, type ServersOptions, stateFolder } from './servers.ts';

/** etcd, kube-apiserver and kube-controller-manager: namespaces, ServiceAccounts and CronJobs live, no pod runs. */
export interface ControlPlane extends AsyncDisposable {
  /** The administrator's kubeconfig file. */
  kubeconfig: string;
  /** The API server's address. */
  server: string;
  /** The API server's certificate authority: a file. */
  caFile: string;
  /** Where everything lies, logs included; `stop` removes it. */
  directory: string;
  /** The API server's audit log: one JSON object a line for each request, when it comes in. */
  auditLog: string;
  /** Kills the API server and starts it again; resolves when it is ready. */
  restartApiServer(): Promise<void>;
  /** Kills etcd and starts it again; resolves when the API server is ready with it. */
  restartEtcd(): Promise<void>;
  stop(): Promise<void>;
}

export type ControlPlaneOptions = ServersOptions;

/**
 * Starts a control plane of its own, ready in about 5 s. To be called in a sandbox, where nothing else listens.
 *
 * @throws an Error with the end of the log of the program that did not start
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const servers = await prepareServers(options);
  const { access, caFile, directory, kubeconfig, processes, restart, stop } = servers;
  try {
    await cp(await firstState(), stateFolder(servers), { recursive: true });
    await servers.start();
    processes.push(await startControllerManager(directory, kubeconfig, caFile));
    await untilAlive('the default namespace has its ServiceAccount', processes, () => hasServiceAccount(access));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    kubeconfig,
    caFile,
    server: access.server,
    directory,
    auditLog: join(directory, 'audit.log'),
    restartApiServer: () => restart('apiServer'),
    restartEtcd: () => restart('etcd'),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
