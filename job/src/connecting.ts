import type { Cluster } from './cluster/cluster.ts';
import { type ApiClient, type Connection, type ConnectionOptions, connect } from './cluster/connection.ts';
import { createKubernetesCluster } from './cluster/kubernetes.ts';
import { serverClock } from './cluster/server-clock.ts';
import { type ConfigurationSource, configurationReader } from './config/configuration-source.ts';
import type { Mask } from './credentials/masking.ts';
import type { Log } from './log.ts';
import type { Progress } from './progress.ts';
import { readSourceFile } from './read-source-file.ts';
import { realClock } from './real-clock.ts';
import type { Registries } from './registry/registry-login.ts';
import type { VerifyDeps } from './registry/verify.ts';
import type { EngineDeps } from './run/engine-deps.ts';

export interface Surroundings {
  source: ConfigurationSource;
  connection: ConnectionOptions;
  log: Log;
  /** Where a person waits for the command. */
  progress?: Progress | undefined;
  mask: Mask;
  /** Tells the program to stop. */
  signal: AbortSignal;
}

/** Connects for as long as a command takes. */
export async function withApi<T>(
  options: ConnectionOptions,
  command: (client: Connection['client']) => Promise<T>,
): Promise<T> {
  const connection = await connect(options);
  try {
    return await command(connection.client);
  } finally {
    await connection.close();
  }
}

/**
 * Gives a command all that the engine touches.
 *
 * @param requestSignal ends its requests; default: the signal that tells the program to stop
 */
export function withEngine(
  { source, connection, log, progress, mask, signal }: Surroundings,
  command: (
    deps: EngineDeps,
    clusterUntil: (signal: AbortSignal) => Cluster,
    client: Connection['client'],
  ) => Promise<number>,
  requestSignal = signal,
): Promise<number> {
  const clock = serverClock(realClock, (here, there) => sayWrongClock(here, there, log));
  const onAnswer: ConnectionOptions['onAnswer'] = (verb, code, date) => {
    clock.hear(date);
    connection.onAnswer?.(verb, code, date);
  };
  return withApi({ ...connection, onAnswer }, (client) => {
    const clusterUntil = (until: AbortSignal) => createKubernetesCluster(client(until), until, progress);
    const cluster = clusterUntil(requestSignal);
    const deps: EngineDeps = {
      cluster,
      registries: registriesWhenAsked(connection, mask),
      clock,
      random: Math.random,
      readConfig: configurationReader(source, cluster),
      readFile: readSourceFile,
      log,
      progress,
      mask,
      signal,
    };
    return command(deps, clusterUntil, client);
  });
}

/** Gives a command the sources. Connects when something in the cluster is to be read, so that files alone need none. */
export async function withSources(
  { source, connection, log, mask, signal }: Surroundings,
  command: (deps: VerifyDeps) => Promise<number>,
): Promise<number> {
  await using open = new AsyncDisposableStack();
  let client: Promise<ApiClient> | undefined;
  const api = async () => {
    client ??= connect(connection).then((made) => {
      open.defer(() => made.close());
      return made.client(signal);
    });
    return createKubernetesCluster(await client, signal);
  };
  const cluster: VerifyDeps['cluster'] & Pick<Cluster, 'readConfigMap'> = {
    readSecret: async (...about) => (await api()).readSecret(...about),
    readConfigMap: async (...about) => (await api()).readConfigMap(...about),
  };
  const readConfig = configurationReader(source, cluster);
  const registries = registriesWhenAsked(connection, mask);
  const readFile = readSourceFile;
  return await command({ cluster, registries, clock: realClock, readConfig, readFile, log, mask, signal });
}

function sayWrongClock(here: Date, there: Date, log: Log): void {
  log.warn('the clock of this machine is wrong: the time of the API server counts', {
    here: here.toISOString(),
    apiServer: there.toISOString(),
    fix: 'set it right; where it is the API server that is wrong, its certificates and tokens end at wrong times too',
  });
}

/** What asks registries is loaded when one is asked: most runs ask none. */
function registriesWhenAsked({ userAgent }: ConnectionOptions, mask: Mask): Registries {
  return {
    async tryLogin(...about) {
      const { createRegistries } = await import('./registry/registries.ts');
      return createRegistries({ userAgent, mask }).tryLogin(...about);
    },
  };
}
