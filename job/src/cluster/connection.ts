import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { mostConcurrency } from '../config/config.ts';
import { realClock } from '../real-clock.ts';
import { type Access, accessProblem } from './access.ts';
import type { LineOptions } from './lines.ts';
import { isPod, podAccess } from './pod-access.ts';
import { createSend, type Send, type Transport } from './transport.ts';

/** The kubelet renews a token well before it expires; reading it once a minute is what client-go does. Milliseconds. */
const headersLifetime = 60_000;

export interface ConnectionOptions {
  /** Path of a kubeconfig file. Default: $KUBECONFIG, ~/.kube/config, then the pod's own ServiceAccount. */
  kubeconfig?: string | undefined;
  /** A context of the kubeconfig. Default: its current context. */
  context?: string | undefined;
  /** Sent as User-Agent. */
  userAgent: string;
  /** Told of each answer of the API server. */
  onAnswer?: Transport['onAnswer'];
}

export interface Connection {
  /** For requests that end with the signal. All share one pool. */
  client(signal: AbortSignal): ApiClient;
  close(): Promise<void>;
}

/** Two ways to ask an API server. */
export interface ApiClient {
  /** One answer for each request. */
  send: Send;
  /** The lines of an answer that goes on, as that of a watch does. */
  lines(path: string, options: LineOptions): AsyncIterable<string>;
}

/**
 * Finds out which API server to talk to and who we are, and prepares one pool of connections for all requests.
 *
 * @throws {ProblemError} where there is no kubeconfig, no such context, or the file cannot be read
 */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const { server, agent, login } = await findAccess(options);
  agent.maxSockets = mostConcurrency;
  const { protocol, hostname, port, pathname } = server;
  const origin = { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port };
  const basePath = pathname.replace(/\/$/, '');
  /** A watch keeps its connection, so the ones above would run out. */
  let watches: Promise<Access> | undefined;
  const headers = cachedHeaders(login, options);

  return {
    client(signal) {
      const { onAnswer = () => {} } = options;
      const transport = { agent, origin, basePath, headers, onAnswer, signal, clock: realClock };
      return {
        send: createSend(transport),
        async *lines(path, line) {
          const { readLines } = await import('./lines.ts');
          watches ??= findAccess(options);
          yield* readLines({ ...transport, agent: (await watches).agent }, path, line);
        },
      };
    },
    async close() {
      agent.destroy();
      (await watches)?.agent.destroy();
    },
  };
}

/** The context of the kubeconfig through which a cluster is reached; `undefined` for a pod of it. */
export async function contextOf(options: Omit<ConnectionOptions, 'userAgent'>): Promise<string | undefined> {
  if (!hasKubeconfig(options)) return undefined;
  const { contextName } = await import('./kubeconfig-access.ts');
  return contextName(options);
}

function hasKubeconfig({ kubeconfig }: Omit<ConnectionOptions, 'userAgent'>): boolean {
  return Boolean(kubeconfig || process.env.KUBECONFIG) || existsSync(join(homedir(), '.kube', 'config'));
}

async function findAccess(options: ConnectionOptions): Promise<Access> {
  const { kubeconfig, context } = options;
  if (hasKubeconfig(options)) {
    // Only here: to load it takes longer than the rest of a start, and a pod needs none of it.
    const { kubeconfigAccess } = await import('./kubeconfig-access.ts');
    return kubeconfigAccess({ kubeconfig, context });
  }
  if (isPod(process.env) && context === undefined) return podAccess(process.env);
  throw accessProblem(
    'there is no kubeconfig, and this is no pod of a cluster',
    'name one with --kubeconfig or $KUBECONFIG',
  );
}

function cachedHeaders(login: Access['login'], options: ConnectionOptions): Transport['headers'] {
  let readLogin = login;
  let readAt = Number.NEGATIVE_INFINITY;
  let headers: Promise<Record<string, string>>;
  const read = () => {
    readAt = performance.now();
    headers = readLogin().then((made) => ({ ...made, 'user-agent': options.userAgent }));
    return headers;
  };
  return async (refused) => {
    if (performance.now() - readAt > headersLifetime) return read();
    if (refused === undefined || refused !== (await headers)) return headers;
    // Client-node keeps a token for a while too, so only another object reads its file at once.
    readLogin = (await findAccess(options)).login;
    return read();
  };
}
