import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { V1Secret } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { assertNoTrace } from '../support/no-trace.ts';
import { passwords } from '../support/passwords.ts';
import { valuesText } from '../support/values.ts';
import { loginIn, releaseNamespace, secretName, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;
const entries = passwords.map((password, index) => ({ key: `r${index}`, server: `r${index}.example.com`, password }));
const registries = Object.fromEntries(
  entries.map(({ key, server, password }) => [key, { server, username: 'robot', password }]),
);
const logins = entries
  .map(({ key, server }) => `registries.${key}.server=${server},registries.${key}.username=robot`)
  .join(',');
const offSchedule = ['--set', 'suspend=true,runOnInstall.enabled=false,verifyCredentials=off'];

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces('team-a');
});
after(() => cluster[Symbol.asyncDispose]());

async function expectEveryByteInTheCopy(): Promise<void> {
  const { code, output } = await cluster.job(['sync']);
  assert.equal(code, 0, output);
  const copy = await cluster.get<V1Secret>('secret', secretName, '-n', 'team-a');
  for (const { server, password } of entries) assert.equal(loginIn(copy, server), `robot:${password}`);
  await cluster.kubectl(['delete', 'secret', secretName, '-n', 'team-a']);
}

test('every password arrives byte for byte by a values file', async () => {
  await cluster.install({ registries });

  await expectEveryByteInTheCopy();
});

test('every password arrives byte for byte by values on standard input', async () => {
  await cluster.helmUpgrade([...offSchedule, '--values', '-'], valuesText({ registries }));

  await expectEveryByteInTheCopy();
});

test('every password arrives byte for byte by --set-literal', async () => {
  const literals = entries.flatMap(({ key, password }) => ['--set-literal', `registries.${key}.password=${password}`]);

  await cluster.helmUpgrade([...offSchedule, '--set', logins, ...literals]);

  await expectEveryByteInTheCopy();
});

test('every password arrives byte for byte by --set-file', async () => {
  const directory = join(cluster.controlPlane.directory, 'passwords');
  await mkdir(directory);
  await Promise.all(entries.map(({ key, password }) => writeFile(join(directory, key), password)));
  const files = entries.flatMap(({ key }) => ['--set-file', `registries.${key}.password=${join(directory, key)}`]);

  await cluster.helmUpgrade([...offSchedule, '--set', logins, ...files]);

  await expectEveryByteInTheCopy();
});

test('every password arrives byte for byte in a docker config from the environment, through helmfile', async () => {
  const auths = Object.fromEntries(entries.map(({ server, password }) => [server, { username: 'robot', password }]));

  const output = await cluster.helmfile(['sync', ...offSchedule], { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) });

  assert.doesNotMatch(output, /s3cr3t|czNjcjN0/);
  await expectEveryByteInTheCopy();
});

test('every password arrives byte for byte in a variable of its own, through helmfile', async () => {
  for (const { server, password } of entries) {
    const login = { REGISTRY_SERVER: server, REGISTRY_USERNAME: 'robot', REGISTRY_PASSWORD: password };

    const manifests = parseAllDocuments(await cluster.helmfile(['template', '--quiet'], login)).map((one) =>
      one.toJS(),
    );

    const source = manifests.find((one) => one?.kind === 'Secret');
    assert.equal(source.metadata.namespace, releaseNamespace);
    assert.equal(loginIn(source, server), `robot:${password}`);
  }
});

test('what all passwords are made of arrives in the copies byte for byte from a variable, through helmfile', async () => {
  const password = passwords.join('');
  const server = 'registry.example.com';
  const login = { REGISTRY_SERVER: server, REGISTRY_USERNAME: 'robot', REGISTRY_PASSWORD: password };

  const output = await cluster.helmfile(['sync', '--suppress-secrets', ...offSchedule], login);
  const { code, output: told } = await cluster.job(['sync']);

  assert.equal(code, 0, told);
  assertNoTrace(output + told);
  const copy = await cluster.get<V1Secret>('secret', secretName, '-n', 'team-a');
  assert.equal(loginIn(copy, server), `robot:${password}`);
});
