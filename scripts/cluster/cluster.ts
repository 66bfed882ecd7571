import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { type ClusterNode, startNode } from './node.ts';
import { type Registry, startRegistry } from './registry.ts';
import { claimServiceAddress, serviceAddress } from './service-address.ts';

/** A cluster in which pods run, and two private registries behind their real names. */
export interface Cluster extends AsyncDisposable {
  controlPlane: ControlPlane;
  node: ClusterNode;
  /** `registry.example.com`. */
  registry: Registry;
  /** `docker.io`, whose key in a docker config is `https://index.docker.io/v1/`. */
  dockerHub: Registry;
  stop(): Promise<void>;
}

/**
 * Starts a cluster, ready in about 10 s. To be called in a sandbox, as root, once: it takes fixed addresses.
 *
 * @param password of the user `robot` at both registries
 */
export async function startCluster(password: string): Promise<Cluster> {
  // Where a part does not start, the ones before it are stopped: a child that runs on would keep its parent waiting.
  await using started = new AsyncDisposableStack();
  await claimServiceAddress();
  const controlPlane = started.use(await startControlPlane({ address: serviceAddress, port: 443 }));
  const login = { username: 'robot', password, directory: controlPlane.directory };
  const registry = started.use(await startRegistry({ host: 'registry.example.com', port: 5001, ...login }));
  const dockerHub = started.use(await startRegistry({ host: 'docker.io', port: 5002, ...login }));
  const node = started.use(await startNode(controlPlane, [registry, dockerHub]));
  const parts = started.move();
  const stop = () => parts.disposeAsync();
  return { controlPlane, node, registry, dockerHub, stop, [Symbol.asyncDispose]: stop };
}
