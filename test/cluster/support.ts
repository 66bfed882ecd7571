import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { V1Secret, V1ServiceAccount, V1TokenRequestSpec } from '@kubernetes/client-node';
import { parse, stringify } from 'yaml';
import { bundleFile } from '../../scripts/build.ts';
import type { ControlPlane } from '../../scripts/cluster/control-plane.ts';
import { tool } from '../../scripts/tools.ts';
import { until } from '../../scripts/until.ts';
import { startControlPlane } from '../support/control-plane.ts';
import { helmfileFor } from '../support/helmfile.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { valuesText } from '../support/values.ts';
import { type ApiRequest, callerOf } from './api-requests.ts';
import { type AuditedRequest, auditedRequests } from './audit.ts';
import { policiesInEffect } from './policies-in-effect.ts';

/** A password that breaks whatever is not careful. */
export const password = uniquePassword('s3cr3t', ',p@ss"w\\ord');
export const releaseNamespace = 'registry-access';
export const secretName = 'image-pull-secret';

const root = join(import.meta.dirname, '..', '..');
const chart = join(root, 'chart');
const run = promisify(execFile);

export interface JobRun {
  code: number;
  /** What it printed, line by line; each line is one JSON object. */
  events: Array<Record<string, unknown>>;
  stdout: string;
  /** That and the standard error. */
  output: string;
}

export interface StartedJob {
  ended: Promise<JobRun>;
  stop(): void;
  /** Ends the process at once, without a word to it. */
  kill(): void;
  /** Holds the process still meanwhile: it hears of everything at once afterwards. */
  holdWhile(during: () => Promise<unknown>): Promise<void>;
}

const releaseName = 'pullsecret-sync';
/**
 * For helm, which would fetch the API server's OpenAPI documents to learn whether the API server validates fields by itself,
 * which it does either way. That is half of the work of an upgrade.
 */
const quick = ['--disable-openapi-validation'];

export interface TestCluster extends AsyncDisposable {
  controlPlane: ControlPlane;
  /** kubectl as administrator; what it prints. */
  kubectl(args: string[], input?: string): Promise<string>;
  /** kubectl with the job's own token. */
  kubectlAsJob(args: string[]): Promise<string>;
  /** An object, as administrator. */
  get<T>(...args: string[]): Promise<T>;
  /** The Secrets with the copy's name, by namespace. */
  copies(): Promise<Map<string, V1Secret>>;
  /** The pull secrets that the ServiceAccount `default` of a namespace names. */
  pullSecretsOf(namespace: string): Promise<Array<string | undefined>>;
  /** The items of a list, as administrator. */
  list<T>(...args: string[]): Promise<T[]>;
  /** Resolves once the namespaces exist and the controller-manager has given each its `default` ServiceAccount. */
  createNamespaces(...names: string[]): Promise<void>;
  /** Creates or changes objects as administrator. */
  applyObjects(...objects: object[]): Promise<void>;
  /**
   * Installs or upgrades the chart without its schedule and hook: each test says itself when the job runs. It is guarded, as
   * by default.
   */
  install(values: object, flags?: string[]): Promise<void>;
  /** `helm upgrade --install` of the chart with these flags, and the rights of the new release for the job. */
  helmUpgrade(flags: string[], input?: string): Promise<void>;
  /** Resolves once the API server goes by the validating admission policies, such as the chart's guard, as they are. */
  untilPoliciesInEffect(): Promise<void>;
  /** Which helm-diff helmfile has. */
  helmDiff: string;
  /** helmfile with the repository's helmfile.yaml and nothing else in its environment; all that it prints. */
  helmfile(args: string[], env: NodeJS.ProcessEnv): Promise<string>;
  /** Writes a configuration with one target, for `--config`; the rights stay the ones of the chart. */
  writeConfig(target: object, rest?: object): Promise<string>;
  /** The bundled job, with the ServiceAccount's own token and the rights of the chart. */
  job(args: string[], env?: NodeJS.ProcessEnv): Promise<JobRun>;
  /** The same, with a way to tell it to stop, as a cluster does. */
  startJob(args: string[], env?: NodeJS.ProcessEnv): StartedJob;
  /** The kubeconfig with the ServiceAccount's own token. */
  jobKubeconfig: string;
  /** Writes a kubeconfig with a new token of a ServiceAccount, of the usual kind or as it is asked for; the file. */
  kubeconfigFor(namespace: string, serviceAccount: string, spec?: Partial<V1TokenRequestSpec>): Promise<string>;
  /** The writes of Secrets and ServiceAccounts that the job asked the API server for while `during` ran. */
  writesOfJob(during: () => Promise<unknown>): Promise<AuditedRequest[]>;
  /** What the job asked of the API server while `during` ran, from its first synchronous step on. */
  requestsOfJob(during: () => Promise<unknown>): Promise<AuditedRequest[]>;
  /** Resolves once the API server refuses what it granted before. */
  untilRefused(request: () => Promise<unknown>): Promise<void>;
  /** Resolves once the job asked for so many writes since the call. */
  untilJobWrites(count: number): Promise<void>;
  /** Resolves once the job asked for that object since the call. */
  untilJobAsks(verb: string, resource: string, name: string): Promise<void>;
}

/** @param start default: one that is searched for passwords before it stops */
export async function startTestCluster(start: () => Promise<ControlPlane> = startControlPlane): Promise<TestCluster> {
  const controlPlane = await start();
  const [kubectlPath, helmPath] = await Promise.all([tool('kubectl'), tool('helm')]);
  const admin = await callerOf(controlPlane.kubeconfig);
  const helmfile = await helmfileFor(controlPlane.kubeconfig, controlPlane.directory);
  const kubeconfigFile = (namespace: string, serviceAccount: string) =>
    join(controlPlane.directory, `${namespace}.${serviceAccount}.kubeconfig`);
  const jobKubeconfig = kubeconfigFile(releaseNamespace, releaseName);
  const jobEnvironment = {
    KUBECONFIG: jobKubeconfig,
    PULLSECRET_SYNC_CONFIG_MAP: `${releaseNamespace}/${releaseName}`,
  };
  const user = `system:serviceaccount:${releaseNamespace}:${releaseName}`;

  const kubectl = async (args: string[], input?: string) => {
    const child = run(kubectlPath, ['--kubeconfig', controlPlane.kubeconfig, ...args], { maxBuffer: 64 << 20 });
    if (input !== undefined) child.child.stdin?.end(input);
    return (await child).stdout;
  };

  /** What is asked for often is asked for in this process: a start of kubectl takes a tenth of a second. */
  const ask = async (request: ApiRequest) => {
    const { status, body } = await admin.ask(request);
    assert.ok(status < 300, body.message);
    return body;
  };

  const kubeconfigFor = async (namespace: string, serviceAccount: string, spec: Partial<V1TokenRequestSpec> = {}) => {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
    const { token } = (await ask({ method: 'POST', path, body: { spec } })).status;
    const file = kubeconfigFile(namespace, serviceAccount);
    await writeFile(file, kubeconfigWithToken(await readFile(controlPlane.kubeconfig, 'utf8'), token));
    return file;
  };
  const renewToken = () => kubeconfigFor(releaseNamespace, releaseName);
  const requests = (from: number) => auditedRequests(controlPlane.auditLog, user, from);
  /** At once, and not a moment later: whoever asks for it goes on with what the job answers. */
  const auditedSoFar = () => statSync(controlPlane.auditLog).size;

  const cluster: TestCluster = {
    controlPlane,
    kubectl,
    kubectlAsJob: async (args) => (await run(kubectlPath, ['--kubeconfig', jobKubeconfig, ...args])).stdout,
    get: async (...args) => JSON.parse(await kubectl(['get', ...args, '-o', 'json'])),
    async copies() {
      const all: V1Secret[] = (await ask({ path: `/api/v1/secrets?fieldSelector=metadata.name=${secretName}` })).items;
      return new Map(all.map((copy) => [copy.metadata?.namespace ?? '', copy]));
    },
    async pullSecretsOf(namespace) {
      const account: V1ServiceAccount = await ask({ path: `/api/v1/namespaces/${namespace}/serviceaccounts/default` });
      return (account.imagePullSecrets ?? []).map(({ name }) => name);
    },
    list: async (...args) => JSON.parse(await kubectl(['get', ...args, '-o', 'json'])).items,
    async createNamespaces(...names) {
      const path = '/api/v1/namespaces';
      await Promise.all(names.map((name) => ask({ method: 'POST', path, body: namespaceObject(name) })));
      await until(`the namespaces ${names.join(', ')} have their ServiceAccount`, async () => {
        const path = '/api/v1/serviceaccounts?fieldSelector=metadata.name=default';
        const accounts: V1ServiceAccount[] = (await ask({ path })).items;
        return names.every((name) => accounts.some(({ metadata }) => metadata?.namespace === name));
      });
    },
    async applyObjects(...objects) {
      await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    },
    helmDiff: helmfile.helmDiff,
    async install(values, flags = []) {
      const file = join(controlPlane.directory, 'values.json');
      await writeFile(
        file,
        valuesText({
          suspend: true,
          runOnInstall: { enabled: false },
          admissionPolicy: { enabled: false },
          // No pod runs here, and most of these registries are nowhere.
          verifyCredentials: 'off',
          ...values,
        }),
      );
      await cluster.helmUpgrade(['--values', file, ...flags]);
    },
    async helmUpgrade(flags, input = '') {
      const where = ['--kubeconfig', controlPlane.kubeconfig, '--namespace', releaseNamespace, '--create-namespace'];
      const child = run(helmPath, ['upgrade', '--install', releaseName, chart, ...where, ...quick, ...flags]);
      child.child.stdin?.end(input);
      await child;
      await renewToken();
      await cluster.untilPoliciesInEffect();
    },
    untilPoliciesInEffect: policiesInEffect(admin),
    async helmfile(args, env) {
      const output = await helmfile.run(args, env);
      if (args[0] === 'sync' || args[0] === 'apply') await renewToken();
      return output;
    },
    async writeConfig(target, rest = {}) {
      const file = join(controlPlane.directory, 'config.yaml');
      const sources = [{ secret: 'pullsecret-sync-source' }];
      const targets = [{ name: 'default', secretName, sources, ...target }];
      const release = `${releaseNamespace}/pullsecret-sync`;
      await writeFile(file, JSON.stringify({ release, targets, verifyCredentials: 'off', ...rest }));
      return file;
    },
    job: (args, env = {}) => runJob(args, { ...jobEnvironment, ...env }),
    startJob: (args, env = {}) => startJob(args, { ...jobEnvironment, ...env }),
    jobKubeconfig,
    kubeconfigFor,
    async writesOfJob(during) {
      const written = ['secrets', 'serviceaccounts'];
      return (await cluster.requestsOfJob(during)).filter(
        ({ verb, resource }) => !['get', 'list', 'watch'].includes(verb) && written.includes(resource),
      );
    },
    async requestsOfJob(during) {
      const since = auditedSoFar();
      await during();
      return requests(since);
    },
    untilRefused: (request) =>
      until('the API server refuses the request', () =>
        request().then(
          () => false,
          () => true,
        ),
      ),
    async untilJobWrites(count) {
      const isWrite = ({ verb }: AuditedRequest) => ['create', 'patch', 'delete'].includes(verb);
      const since = auditedSoFar();
      await until(`the job writes ${count} times`, async () => {
        return (await requests(since)).filter(isWrite).length >= count;
      });
    },
    async untilJobAsks(verb, resource, name) {
      const since = auditedSoFar();
      await until(`the job asks to ${verb} ${resource} ${name}`, async () =>
        (await requests(since)).some((one) => one.verb === verb && one.resource === resource && one.name === name),
      );
    },
    async [Symbol.asyncDispose]() {
      await admin[Symbol.asyncDispose]();
      await controlPlane.stop();
    },
  };
  return cluster;
}

function kubeconfigWithToken(adminKubeconfig: string, token: string): string {
  const document = parse(adminKubeconfig);
  document.users = [{ name: document.users[0].name, user: { token } }];
  return stringify(document);
}

/** The bundled program in an environment of its own. */
export function runJob(args: string[], env: NodeJS.ProcessEnv): Promise<JobRun> {
  return startJob(args, env).ended;
}

function startJob(args: string[], env: NodeJS.ProcessEnv): StartedJob {
  const { promise, resolve } = Promise.withResolvers<JobRun>();
  const child = execFile(
    process.execPath,
    [bundleFile, ...args],
    { env: { PATH: process.env.PATH, ...env }, maxBuffer: 64 << 20 },
    (error, stdout, stderr) => {
      const lines = stdout.split('\n').filter((line) => line.startsWith('{"'));
      resolve({
        code: typeof error?.code === 'number' ? error.code : error ? -1 : 0,
        events: lines.map((line) => JSON.parse(line)),
        stdout,
        output: stdout + stderr,
      });
    },
  );
  return {
    ended: promise,
    stop: () => child.kill('SIGTERM'),
    kill: () => child.kill('SIGKILL'),
    async holdWhile(during) {
      child.kill('SIGSTOP');
      try {
        await during();
      } finally {
        child.kill('SIGCONT');
      }
    },
  };
}

/** Values with one registry. */
export function registryValues(secret = password): object {
  return { registries: { main: { server: 'registry.example.com', username: 'robot', password: secret } } };
}

/** The login for a host that a Secret of the API holds, as `username:password`. */
export function loginIn(secret: V1Secret, host = 'registry.example.com'): string {
  const { auths } = JSON.parse(Buffer.from(secret.data?.['.dockerconfigjson'] ?? '', 'base64').toString());
  return Buffer.from(auths[host].auth, 'base64').toString();
}

/** A Secret in the release namespace with one login, to be a source. */
export function sourceSecret(
  name: string,
  login: string,
  host = 'registry.example.com',
  namespace = releaseNamespace,
): object {
  const auths = { [host]: { auth: Buffer.from(login).toString('base64') } };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
  };
}

export function namespaceObject(name: string, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...metadata } };
}
