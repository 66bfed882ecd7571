import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { delimiter } from 'node:path';
import { type Cluster, KubeConfig } from '@kubernetes/client-node';
import { exitCode } from '../exit-code.ts';
import { nearest } from '../nearest.ts';
import { ProblemError } from '../problem.ts';
import { type Access, accessProblem } from './access.ts';

export interface KubeconfigOptions {
  /** Path of a kubeconfig file. Default: $KUBECONFIG, then ~/.kube/config. */
  kubeconfig?: string | undefined;
  /** A context of the kubeconfig. Default: its current context. */
  context?: string | undefined;
}

/**
 * The API server of a kubeconfig, with every kind of login that client-node knows.
 *
 * @throws {ProblemError} where the file cannot be read, has no such context, or gives no usable server or login
 */
export async function kubeconfigAccess(options: KubeconfigOptions): Promise<Access> {
  const kubeConfig = load(options);
  const cluster = kubeConfig.getCurrentCluster();
  if (!cluster || !kubeConfig.getCurrentUser()) {
    const known = namesIn(kubeConfig);
    throw accessProblem(
      'the kubeconfig has no current context',
      known.length > 0 ? `choose one with --context: ${known.join(', ')}` : 'name another one with --kubeconfig',
    );
  }
  const server = serverOf(cluster);
  const { agent } = await requestOptions(kubeConfig);
  if (typeof agent !== 'object') throw new TypeError('client-node gives no agent');
  // It knows proxies of every kind, and makes a connection for each request unless it is told.
  return { server, agent: Object.assign(agent, { keepAlive: true }), login: () => loginOf(kubeConfig) };
}

/** The contexts that a kubeconfig has; none where it cannot be read. */
export function contextNames(options: KubeconfigOptions): string[] {
  try {
    return namesIn(load(options));
  } catch {
    return [];
  }
}

function namesIn(kubeConfig: KubeConfig): string[] {
  return kubeConfig.getContexts().map(({ name }) => name);
}

/** The name of the context that counts. */
export function contextName(options: KubeconfigOptions): string {
  return load(options).getCurrentContext();
}

function load({ kubeconfig, context }: KubeconfigOptions): KubeConfig {
  const kubeConfig = new KubeConfig();
  try {
    if (kubeconfig) kubeConfig.loadFromFile(kubeconfig);
    else kubeConfig.loadFromDefault();
  } catch {
    // The cause quotes the file, which holds tokens and keys.
    const named = kubeconfig ?? process.env.KUBECONFIG;
    if (named && !named.includes(delimiter) && !existsSync(named))
      throw accessProblem(`there is no kubeconfig ${named}`, 'name another one with --kubeconfig or $KUBECONFIG');
    throw accessProblem(
      `the kubeconfig ${named ?? '~/.kube/config'} cannot be read`,
      'check that it is a valid kubeconfig, which you may read, e.g. with "kubectl config view"',
    );
  }
  if (context !== undefined) {
    if (!kubeConfig.getContextObject(context)) {
      const known = namesIn(kubeConfig);
      const [near] = nearest(context, known);
      throw accessProblem(
        `the kubeconfig has no context "${context}"`,
        near === undefined ? `choose one of: ${known.join(', ')}` : `did you mean "${near}"? All: ${known.join(', ')}`,
      );
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
  throw accessProblem(
    `the server of the cluster "${name}" in the kubeconfig is no https address`,
    'write it as "https://<host>:<port>"; "http://" is taken only with "insecure-skip-tls-verify: true", as for "kubectl proxy"',
  );
}

async function loginOf(kubeConfig: KubeConfig): Promise<Record<string, string>> {
  const { headers, auth } = await requestOptions(kubeConfig);
  const basic = auth ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
  return { ...(headers as Record<string, string>), ...basic };
}

async function requestOptions(kubeConfig: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  try {
    await kubeConfig.applyToHTTPSOptions(options);
  } catch (error) {
    const program = kubeConfig.getCurrentUser()?.exec?.command;
    const problem = {
      message: `the kubeconfig gives no usable login${program ? ` by its program "${program}"` : ''}`,
      fix: `${program ? `check that "${program}" is installed here, and ` : ''}try "kubectl auth whoami" with the same kubeconfig`,
    };
    throw new ProblemError(problem, exitCode.incomplete, { cause: error });
  }
  return options;
}
