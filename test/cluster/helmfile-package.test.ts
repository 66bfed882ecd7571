import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { V1Secret } from '@kubernetes/client-node';
import { startRegistry } from '../../scripts/cluster/registry.ts';
import { packageChart } from '../../scripts/package-chart.ts';
import { type Helmfile, helmfileFor } from '../support/helmfile.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { assertNoTrace } from '../support/no-trace.ts';
import { documented } from '../support/page.ts';
import { loginIn, password, startTestCluster, type TestCluster } from './support.ts';

const chart = join(import.meta.dirname, '..', '..', 'chart');
const login = { REGISTRY_SERVER: 'registry.example.com', REGISTRY_USERNAME: 'robot', REGISTRY_PASSWORD: password };
const file = ['--file', 'pullsecret-sync/helmfile/helmfile.yaml.gotmpl'];
const withoutPods = '--set suspend=true,runOnInstall.enabled=false,verifyCredentials=off,cleanupOnUninstall=false';
const offSchedule = ['--suppress-secrets', ...withoutPods.split(' ')];
const parts = new AsyncDisposableStack();

let cluster: TestCluster;
let helmfile: Helmfile;
/** A repository of somebody else, with nothing in it but the chart's package. */
let folder: string;
/** What the page says: to pull the package, and to install with what came along. */
const [pull = '', sync = ''] = documented('chart/pages/helmfile.md', 'Without this repository').split('\n');

before(async () => {
  cluster = parts.use(await startTestCluster());
  folder = join(cluster.controlPlane.directory, 'elsewhere');
  await mkdir(folder);
  const { kubeconfig, directory, server } = cluster.controlPlane;
  helmfile = await helmfileFor(kubeconfig, directory);
  const listen = new URL(server).hostname;
  const robot = { username: 'robot', password: uniquePassword('charts') };
  const registry = parts.use(
    await startRegistry({ host: 'registry.example.com', port: 5001, listen, directory, ...robot }),
  );
  const env = { HELM_REGISTRY_CONFIG: join(await registry.login(), 'config.json') };
  const archive = await packageChart(chart, directory, new Date(0));
  await helmfile.shell(`helm push ${archive} oci://${registry.address}/charts --plain-http`, env);
  await helmfile.shell(`${pull.replace(registry.host, registry.address)} --plain-http`, env, folder);
});
after(() => parts.disposeAsync());

async function source(release: string, namespace: string): Promise<V1Secret> {
  return cluster.get<V1Secret>('secret', `${release}-source`, '-n', namespace);
}

test('lint is content, and shows no secret', async () => {
  assertNoTrace(await helmfile.run([...file, 'lint'], login, folder));
});

test('it installs the chart that it came with, as the repository does', async () => {
  const output = await helmfile.shell(`${sync} ${withoutPods}`, login, folder);

  assertNoTrace(output);
  assert.equal(loginIn(await source('pullsecret-sync', 'registry-access')), `robot:${password}`);
});

test('destroy needs no credentials', async () => {
  await helmfile.run([...file, 'destroy'], {}, folder);

  assert.equal(await cluster.kubectl(['get', 'cronjobs', '-A', '-o', 'name']), '');
});

test('release, namespace and further values come from variables', async () => {
  await writeFile(join(folder, 'ours.yaml.gotmpl'), `secretName: {{ requiredEnv "SECRET_NAME" | quote }}\n`);
  const env = {
    ...{ PULLSECRET_SYNC_RELEASE: 'registry', PULLSECRET_SYNC_NAMESPACE: 'platform' },
    ...{ PULLSECRET_SYNC_VALUES: 'ours.yaml.gotmpl', SECRET_NAME: 'from-our-file' },
  };

  await helmfile.run([...file, 'sync', ...offSchedule], { ...login, ...env }, folder);

  assert.equal(loginIn(await source('registry-pullsecret-sync', 'platform')), `robot:${password}`);
  const configMap = await cluster.kubectl([
    'get',
    'configmap',
    '-n',
    'platform',
    'registry-pullsecret-sync',
    '-o',
    'yaml',
  ]);
  assert.match(configMap, /secretName: from-our-file/);
});

for (const [what, env, reason] of [
  [
    'a file of values that is not there',
    { ...login, PULLSECRET_SYNC_VALUES: 'no.yaml' },
    /PULLSECRET_SYNC_VALUES .*\/elsewhere\/no\.yaml/,
  ],
  ['no credentials', {}, /REGISTRY_SERVER is not set or empty/],
  [
    'half a login beside a file of values',
    { REGISTRY_SERVER: 'r.example.com', PULLSECRET_SYNC_VALUES: 'empty.yaml' },
    /REGISTRY_USERNAME is not set or empty/,
  ],
  [
    'no credentials, and a file of values without any',
    { PULLSECRET_SYNC_VALUES: 'empty.yaml' },
    /there are no credentials to copy/,
  ],
] as const) {
  test(`${what}: nothing is changed, and the reason is told`, async () => {
    await writeFile(join(folder, 'empty.yaml'), '{}\n');
    const where = { PULLSECRET_SYNC_NAMESPACE: 'untouched' };

    await assert.rejects(
      helmfile.run([...file, 'sync', ...offSchedule], { ...env, ...where }, folder),
      ({ stdout, stderr }: { stdout: string; stderr: string }) => {
        assertNoTrace(stdout + stderr);
        assert.match(stdout + stderr, reason);
        return true;
      },
    );
    assert.equal(await cluster.kubectl(['get', 'namespaces', 'untouched', '--ignore-not-found']), '');
  });
}
