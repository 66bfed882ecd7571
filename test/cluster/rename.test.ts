import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { V1ServiceAccount } from '@kubernetes/client-node';
import { loginIn, registryValues, secretName, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces('team-a', 'team-b');
  await cluster.install(registryValues());
  await cluster.job(['sync']);
});
after(() => cluster[Symbol.asyncDispose]());

test('a ServiceAccount name that was included once loses our references, and keeps the rest', async () => {
  await cluster.kubectl(['create', 'serviceaccount', 'builder', '-n', 'team-a']);
  const builder = async () =>
    (await cluster.get<V1ServiceAccount>('serviceaccount', 'builder', '-n', 'team-a')).imagePullSecrets ?? [];
  await cluster.install({ ...registryValues(), serviceAccounts: { include: ['default', 'builder'] } });
  await cluster.job(['sync']);
  assert.deepEqual(await builder(), [{ name: secretName }]);
  await cluster.install({ ...registryValues(), previousServiceAccounts: ['builder'] });

  await cluster.job(['sync']);

  assert.deepEqual(await builder(), []);
  assert.deepEqual(await cluster.pullSecretsOf('team-a'), [secretName]);
});

test('a secret that is renamed: references move at once, the old copies stay current and go after retireAfter', async () => {
  const renamed = { ...registryValues('rotated-s3cr3t'), secretName: 'new-name', previousSecretNames: [secretName] };
  await cluster.install(renamed);

  await cluster.job(['sync']);

  assert.deepEqual(await cluster.pullSecretsOf('team-a'), ['new-name']);
  const retired = (await cluster.copies()).get('team-a');
  assert.ok(retired);
  assert.match(retired.metadata?.annotations?.['pullsecret-sync.io/retired-at'] ?? '', /^\d{4}-/);
  assert.equal(loginIn(retired), 'robot:rotated-s3cr3t');

  await cluster.install({ ...renamed, retireAfter: '0s' });
  const { code } = await cluster.job(['sync']);

  assert.equal(code, 0);
  assert.deepEqual([...(await cluster.copies()).keys()], []);
  await cluster.kubectl(['get', 'secret', 'new-name', '-n', 'team-a']);
});
