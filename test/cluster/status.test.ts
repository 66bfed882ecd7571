import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { parse, stringify } from 'yaml';
import {
  password,
  registryValues,
  releaseNamespace,
  secretName,
  startTestCluster,
  type TestCluster,
} from './support.ts';

let cluster: TestCluster;
const name = 'pullsecret-sync-status';

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces('team-a');
  await cluster.install(registryValues());
});
after(() => cluster[Symbol.asyncDispose]());

async function status() {
  const { data = {} } = await cluster.get<V1ConfigMap>('configmap', name, '-n', releaseNamespace);
  return parse(data['status.yaml'] ?? '');
}

test('the status says when the run was, how it ended, with which sources, and holds no credential', async () => {
  await cluster.job(['sync']);

  const written = await status();
  const { metadata } = await cluster.get<V1ConfigMap>('secret', 'pullsecret-sync-source', '-n', releaseNamespace);
  assert.equal(written.exitCode, 0);
  assert.equal(written.inLine, written.namespaces);
  assert.deepEqual(written.targets[0].sources, [
    { source: 'Secret pullsecret-sync-source', version: `${metadata?.uid}/${metadata?.resourceVersion}` },
  ]);
  assert.doesNotMatch(JSON.stringify(written), new RegExp(`${password.slice(0, 6)}|auths`));
});

test('a status with many conflicts stays small: it names fifty and counts the rest', async () => {
  const crowd = Array.from({ length: 60 }, (_, index) => `foreign-${index}`);
  await cluster.createNamespaces(...crowd);
  await cluster.applyObjects(
    ...crowd.map((namespace) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: secretName, namespace } })),
  );

  await cluster.job(['sync']);

  const written = await status();
  assert.equal(written.conflicts, 60);
  assert.equal(written.conflictsNamed.length, 50);
});

test('a run that began earlier never overwrites the status of a later one', async () => {
  const later = { ...(await status()), started: '2999-01-01T00:00:00.000Z' };
  const patch = JSON.stringify({ data: { 'status.yaml': stringify(later) } });
  await cluster.kubectl(['patch', 'configmap', name, '-n', releaseNamespace, '--type=merge', '-p', patch]);

  const { code } = await cluster.job(['sync']);

  assert.equal(code, 0);
  assert.equal((await status()).started, later.started);
  await cluster.kubectl(['delete', 'configmap', name, '-n', releaseNamespace]);
});

test('a name that was in use once and is in no list any more is reported, with the command that removes it', async () => {
  await cluster.job(['sync']);
  await cluster.install({ ...registryValues(), secretName: 'new-name' });

  const { events } = await cluster.job(['sync']);

  const warning = events.find(({ secret, level }) => level === 'warn' && secret === secretName);
  assert.match(
    String(warning?.fix),
    /put it into previousSecretNames, .*kubectl delete configmap pullsecret-sync-status/,
  );
  assert.deepEqual((await status()).namesInUse.secrets, [secretName, 'new-name']);
});
