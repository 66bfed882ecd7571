import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  type Cluster,
  type Configuration,
  createConfiguration,
  HttpMethod,
  KubeConfig,
  RequestContext,
  ServerConfiguration,
} from '@kubernetes/client-node';
import { type Dispatcher, Pool } from 'undici';
import { mostConcurrency } from '../config/config.ts';
import { exitCode } from '../exit-code.ts';
import { ProblemError } from '../problem.ts';
import { realClock } from '../real-clock.ts';
import { type LineOptions, readLines } from './lines.ts';
import { createHttpLibrary, type Transport } from './transport.ts';

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';
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
  /** For the classes of client-node: one answer for each request. */
  configuration: Configuration;
  /** The lines of an answer that goes on, as that of a watch does. */
  lines(path: string, options: LineOptions): AsyncIterable<string>;
}

/**
 * Finds out which API server to talk to and who we are, and prepares one pool of connections for all requests.
 *
 * @throws {ProblemError} where there is no kubeconfig, no such context, or the file cannot be read
 */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const kubeConfig = loadKubeConfig(options);
  const cluster = kubeConfig.getCurrentCluster();
  if (!cluster || !kubeConfig.getCurrentUser()) {
    throw problem('the kubeconfig has no current context', 'choose one with --context or "kubectl config use-context"');
  }
  const { origin, pathname } = serverOf(cluster);
  const basePath = pathname.replace(/\/$/, '');
  const tls = await tlsOptions(kubeConfig);
  const dispatcher = cluster.proxyUrl
    ? await dispatcherOf(kubeConfig, cluster.server)
    : new Pool(origin, { connections: mostConcurrency, connect: tls, allowH2: false });
  // A watch keeps its connection, so the pool above would run dry of them.
  const watches = cluster.proxyUrl ? dispatcher : new Pool(origin, { connect: tls, allowH2: false });

  const headers = cachedHeaders(kubeConfig, options);

  return {
    client(signal) {
      const { onAnswer = () => {} } = options;
      const transport = { dispatcher, origin, headers, onAnswer, signal, clock: realClock };
      return {
        configuration: createConfiguration({
          baseServer: new ServerConfiguration(cluster.server, {}),
          httpApi: createHttpLibrary(transport),
        }),
        lines: (path, line) => readLines({ ...transport, dispatcher: watches }, basePath + path, line),
      };
    },
    async close() {
      await Promise.all([dispatcher.destroy(), watches.destroy()]);
    },
  };
}

function loadKubeConfig({ kubeconfig, context }: ConnectionOptions): KubeConfig {
  const kubeConfig = new KubeConfig();
  try {
    if (kubeconfig) kubeConfig.loadFromFile(kubeconfig);
    else if (process.env.KUBECONFIG || existsSync(join(homedir(), '.kube', 'config'))) kubeConfig.loadFromDefault();
    else if (process.env.KUBERNETES_SERVICE_HOST && existsSync(serviceAccountToken)) kubeConfig.loadFromCluster();
    else
      throw problem(
        'there is no kubeconfig, and this is no pod of a cluster',
        'name one with --kubeconfig or $KUBECONFIG',
      );
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    // The cause quotes the file, which holds tokens and keys.
    const file = kubeconfig ?? process.env.KUBECONFIG ?? '~/.kube/config';
    throw problem(
      `the kubeconfig ${file} cannot be read`,
      'check that the file exists and is a valid kubeconfig, e.g. with "kubectl config view"',
    );
  }
  if (context !== undefined) {
    if (!kubeConfig.getContextObject(context)) {
      const known = kubeConfig.getContexts().map(({ name }) => name);
      throw problem(`the kubeconfig has no context "${context}"`, `choose one of: ${known.join(', ')}`);
    }
    kubeConfig.setCurrentContext(context);
  }
  return kubeConfig;
}

/** The address is not quoted: it may hold a login. */
function serverOf({ name, server, skipTLSVerify }: Cluster): URL {
  const protocols = skipTLSVerify ? ['https:', 'http:'] : ['https:'];
  const url = URL.parse(server);
  if (url && protocols.includes(url.protocol)) return url;
  throw problem(
    `the server of the cluster "${name}" in the kubeconfig is no https address`,
    'write it as "https://<host>:<port>"; "http://" is taken only with "insecure-skip-tls-verify: true", as for "kubectl proxy"',
  );
}

async function tlsOptions(kubeConfig: KubeConfig): Promise<NonNullable<Pool.Options['connect']>> {
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = await requestOptions(kubeConfig);
  const options = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

async function requestOptions(kubeConfig: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  try {
    await kubeConfig.applyToHTTPSOptions(options);
  } catch (error) {
    throw new ProblemError(
      { message: 'the kubeconfig gives no usable login', fix: 'try "kubectl auth whoami" with the same kubeconfig' },
      exitCode.incomplete,
      { cause: error },
    );
  }
  return options;
}

/** Client-node knows proxies of every kind; what it makes for one request serves all of them here. */
async function dispatcherOf(kubeConfig: KubeConfig, server: string): Promise<Dispatcher> {
  const request = new RequestContext(server, HttpMethod.GET);
  await kubeConfig.applySecurityAuthentication(request);
  return request.getDispatcher() as Dispatcher;
}

function cachedHeaders(kubeConfig: KubeConfig, options: ConnectionOptions): Transport['headers'] {
  let current = kubeConfig;
  let readAt = Number.NEGATIVE_INFINITY;
  let headers: Promise<Record<string, string>>;
  const read = () => {
    readAt = performance.now();
    headers = requestHeaders(current, options.userAgent);
    return headers;
  };
  return async (refused) => {
    if (performance.now() - readAt > headersLifetime) return read();
    if (refused === undefined || refused !== (await headers)) return headers;
    // Client-node keeps a token for a while too, so only another object reads its file at once.
    current = loadKubeConfig(options);
    return read();
  };
}

async function requestHeaders(kubeConfig: KubeConfig, userAgent: string): Promise<Record<string, string>> {
  const { headers, auth } = await requestOptions(kubeConfig);
  const basic = auth ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
  return { ...(headers as Record<string, string>), ...basic, 'user-agent': userAgent };
}

function problem(message: string, fix: string): ProblemError {
  return new ProblemError({ message, fix }, exitCode.incomplete);
}
