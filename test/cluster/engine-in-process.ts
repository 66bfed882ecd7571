import type { Cluster } from '../../job/src/cluster/cluster.ts';
import { connect } from '../../job/src/cluster/connection.ts';
import { createKubernetesCluster } from '../../job/src/cluster/kubernetes.ts';
import { configurationReader } from '../../job/src/config/configuration-source.ts';
import { createMask } from '../../job/src/credentials/masking.ts';
import { realClock } from '../../job/src/real-clock.ts';
import type { EngineDeps } from '../../job/src/run/engine-deps.ts';
import { releaseNamespace } from './support.ts';

export interface EngineInProcess extends AsyncDisposable {
  /** The API server as the job sees it. */
  real: Cluster;
  deps: EngineDeps;
}

/** The engine in this process, on a real API server: a test can step in between two of its requests. */
export async function engineInProcess(kubeconfig: string): Promise<EngineInProcess> {
  const { signal } = new AbortController();
  const connection = await connect({ kubeconfig, userAgent: 'the test' });
  const real = createKubernetesCluster(connection.client(signal), signal);
  const silent = () => {};
  const deps: EngineDeps = {
    cluster: real,
    registries: { tryLogin: async () => ({ kind: 'accepted' }) },
    clock: realClock,
    random: Math.random,
    readConfig: configurationReader({ configMap: `${releaseNamespace}/pullsecret-sync` }, real),
    readFile: async () => undefined,
    log: { info: silent, warn: silent, error: silent },
    mask: createMask(),
    signal,
  };
  return { real, deps, [Symbol.asyncDispose]: () => connection.close() };
}
