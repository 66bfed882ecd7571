import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import type { ControlPlane } from '../../scripts/cluster/control-plane.ts';
import { tool } from '../../scripts/tools.ts';
import { startControlPlane } from '../support/control-plane.ts';
import { type Helmfile, helmfileFor } from '../support/helmfile.ts';
import { mayShowSecrets } from '../support/leaks/programs.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { assertNoTrace } from '../support/no-trace.ts';
import { documented } from '../support/page.ts';
import { ageKey, encrypt } from '../support/sops.ts';

const run = promisify(execFile);
const login = {
  REGISTRY_SERVER: 'registry.example.com',
  REGISTRY_USERNAME: 'robot',
  REGISTRY_PASSWORD: uniquePassword('s3cr3t'),
};
const withoutPods = '--set suspend=true,runOnInstall.enabled=false,verifyCredentials=off,cleanupOnUninstall=false';
const offSchedule = ['--suppress-secrets', ...withoutPods.split(' ')];
/** As the agent of GitLab calls it. */
const agent = 'group/project:agent';

const resources = new AsyncDisposableStack();
let directory: string;
let kubeconfig: string;
let helmfile: Helmfile;

/** What a runner has: a context for each cluster and none that is current. Nothing answers for production-us. */
before(async () => {
  directory = resources.use(await mkdtempDisposable(join(tmpdir(), 'environments-'))).path;
  const staging = resources.use(await startControlPlane());
  const production = resources.use(await startControlPlane());
  kubeconfig = join(directory, 'kubeconfig');
  const contexts = { staging, 'production-eu': production, [agent]: production };
  await writeFile(kubeconfig, stringify(await kubeconfigOf(contexts)));
  helmfile = await helmfileFor(kubeconfig, directory);
});
after(() => resources.disposeAsync());

beforeEach(async () => {
  for (const context of ['staging', 'production-eu']) {
    const where = ['--namespace', 'registry-access', '--kube-context', context];
    await helm('uninstall', 'pullsecret-sync', '--ignore-not-found', '--wait', ...where);
  }
});

async function kubeconfigOf(controlPlanes: Record<string, ControlPlane>): Promise<object> {
  const unreachable = { server: 'https://127.0.0.1:1' };
  const file = {
    clusters: [{ name: 'production-us', cluster: unreachable }],
    users: [] as object[],
    contexts: [{ name: 'production-us', context: { cluster: 'production-us', user: 'staging' } }],
  };
  for (const [name, controlPlane] of Object.entries(controlPlanes)) {
    const { clusters, users } = parse(await readFile(controlPlane.kubeconfig, 'utf8'));
    file.clusters.push({ name, cluster: clusters[0].cluster });
    file.users.push({ name, user: users[0].user });
    file.contexts.push({ name, context: { cluster: name, user: name } });
  }
  return { apiVersion: 'v1', kind: 'Config', ...file };
}

async function helm(...args: string[]): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: directory, KUBECONFIG: kubeconfig };
  return (await run(await tool('helm'), args, { env })).stdout;
}

/** The releases of a cluster, each with its revision. */
async function releases(context: string): Promise<string[]> {
  const list = JSON.parse(await helm('list', '--all-namespaces', '--output', 'json', '--kube-context', context));
  return list.map(({ namespace, name, revision }: Record<string, string>) => `${namespace}/${name} ${revision}`);
}

async function valuesOf(context: string): Promise<Record<string, unknown>> {
  const where = ['--namespace', 'registry-access', '--kube-context', context];
  const get = () => helm('get', 'values', 'pullsecret-sync', ...where, '--output', 'json');
  return JSON.parse(await mayShowSecrets('helm shows the values that it was given', get));
}

/** The person sees why, nothing of a secret, and no cluster has anything. */
async function assertRefused(args: string[], reason: RegExp): Promise<void> {
  await assert.rejects(
    helmfile.run([...args, ...offSchedule], { ...login, PAYMENTS_DOCKER_AUTH_CONFIG: '{"auths":{}}' }),
    ({ stdout, stderr }: { stdout: string; stderr: string }) => {
      assertNoTrace(stdout + stderr);
      assert.match(stdout + stderr, reason);
      return true;
    },
  );
  for (const context of ['staging', 'production-eu']) assert.deepEqual(await releases(context), []);
}

/** The line of the page for an environment, for a cluster without pods. */
function commandOfPage(environment: string): string {
  const lines = documented('chart/pages/helmfile.md', 'A set of clusters').trim().split('\n');
  const [line = '', ...more] = lines.filter((one) => one.includes(` ${environment} `));
  assert.deepEqual([lines.length, more], [2, []]);
  return `${line} ${withoutPods}`;
}

test('an environment is installed on the cluster of its name, and on no other', async () => {
  const output = await helmfile.shell(commandOfPage('staging'), login);

  assertNoTrace(output);
  assert.deepEqual(await releases('staging'), ['registry-access/pullsecret-sync 1']);
  assert.deepEqual(await releases('production-eu'), []);
  assert.deepEqual((await valuesOf('staging')).namespaces, { exclude: ['preview-*'] });
});

test('production-eu is installed on the context that is named, with the credentials of its file of SOPS', async () => {
  const { key, recipient } = await ageKey();
  const file = join(directory, 'production-eu.sops.yaml');
  await encrypt({ registry: { username: 'robot', password: uniquePassword('s3cr3t') } }, recipient, file);
  const env = { PRODUCTION_EU_CREDENTIALS: file, SOPS_AGE_KEY: key };

  const output = await helmfile.shell(commandOfPage('production-eu'), env);

  assertNoTrace(output);
  assertNoTrace(output, 'AGE-SECRET-KEY');
  const { registries, namespaces } = await valuesOf('production-eu');
  assert.deepEqual(registries, {
    main: { server: 'registry.example.com', username: 'robot', password: uniquePassword('s3cr3t') },
  });
  assert.deepEqual(namespaces, { selector: { matchLabels: { region: 'eu' } } });
  assert.deepEqual(await releases('staging'), []);
});

test('diff and apply compare with the cluster that is meant', async (context) => {
  const onAgent = ['--environment', 'staging', '--kube-context', agent];
  await helmfile.run(['--environment', 'staging', 'apply', ...offSchedule], login);

  const same = await helmfile.run(['--environment', 'staging', 'diff', '--detailed-exitcode', ...offSchedule], login);
  const other = helmfile.run([...onAgent, 'diff', '--detailed-exitcode', ...offSchedule], login);

  context.diagnostic(`helmfile apply ran with ${helmfile.helmDiff}`);
  assertNoTrace(same);
  await assert.rejects(other, { code: 2 });
  await helmfile.run([...onAgent, 'apply', ...offSchedule], login);
  await helmfile.run([...onAgent, 'apply', ...offSchedule], login);
  assert.deepEqual(await releases('production-eu'), ['registry-access/pullsecret-sync 1']);
  assert.deepEqual(await releases('staging'), ['registry-access/pullsecret-sync 1']);
});

test('a context of the command line, or of the environment, takes the place of the one in helmfile.yaml', async () => {
  await helmfile.run(['--environment', 'staging', '--kube-context', agent, 'sync', ...offSchedule], login);
  const env = { ...login, HELMFILE_KUBE_CONTEXT: agent };
  await helmfile.run(['--environment', 'staging', 'sync', ...offSchedule], env);

  assert.deepEqual(await releases('production-eu'), ['registry-access/pullsecret-sync 2']);
  assert.deepEqual(await releases('staging'), []);
});

for (const command of ['sync', 'apply']) {
  test(`${command} with a context that the kubeconfig has not says so`, async () => {
    const onNone = ['--environment', 'staging', '--kube-context', 'misspelt', command];

    await assertRefused(onNone, /context "misspelt" does not exist/);
  });

  test(`${command} on a cluster that does not answer says so`, async () => {
    await assertRefused(['--environment', 'production-us', command], /127\.0\.0\.1:1.* connection refused/);
  });
}

test('an environment that helmfile.yaml has not is named', async () => {
  await assertRefused(['--environment', 'misspelt', 'sync'], /environment\(misspelt\)/);
});
