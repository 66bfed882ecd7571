import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { V1Secret, V1ServiceAccount } from '@kubernetes/client-node';
import { uniqueLogin, uniquePassword } from '../support/leaks/unique-password.ts';
import { type JobRun, loginIn, registryValues, secretName, startTestCluster, type TestCluster } from './support.ts';

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

test('a glob of ServiceAccounts that was included once loses our references, and the names of now keep theirs', async () => {
  await cluster.kubectl(['create', 'serviceaccount', 'worker', '-n', 'team-b']);
  const worker = async () =>
    (await cluster.get<V1ServiceAccount>('serviceaccount', 'worker', '-n', 'team-b')).imagePullSecrets ?? [];
  await cluster.install({ ...registryValues(), serviceAccounts: { include: ['*'] } });
  await cluster.job(['sync']);
  assert.deepEqual(await worker(), [{ name: secretName }]);
  await cluster.install(registryValues());
  const { events } = await cluster.job(['sync']);
  const warning = events.find(({ serviceAccount, level }) => level === 'warn' && serviceAccount === '*');
  assert.match(String(warning?.fix), /put it into previousServiceAccounts/);
  await cluster.install({ ...registryValues(), previousServiceAccounts: ['*'] });

  const { code } = await cluster.job(['sync']);

  assert.equal(code, 0);
  assert.deepEqual(await worker(), []);
  assert.deepEqual(await cluster.pullSecretsOf('team-b'), [secretName]);
});

test('a secret that is renamed: references move at once, the old copies stay current and go after retireAfter', async () => {
  const renamed = {
    ...registryValues(uniquePassword('rotated-s3cr3t')),
    secretName: 'new-name',
    previousSecretNames: [secretName],
  };
  await cluster.install(renamed);

  await cluster.job(['sync']);

  assert.deepEqual(await cluster.pullSecretsOf('team-a'), ['new-name']);
  const retired = (await cluster.copies()).get('team-a');
  assert.ok(retired);
  assert.match(retired.metadata?.annotations?.['pullsecret-sync.io/retired-at'] ?? '', /^\d{4}-/);
  assert.equal(loginIn(retired), uniqueLogin('rotated-s3cr3t'));
  assert.deepEqual(await cluster.writesOfJob(() => cluster.job(['sync'])), [], 'a second run makes no write');

  await cluster.install({ ...renamed, retireAfter: '0s' });
  const { code } = await cluster.job(['sync']);

  assert.equal(code, 0);
  assert.deepEqual([...(await cluster.copies()).keys()], []);
  assert.deepEqual(await cluster.writesOfJob(() => cluster.job(['sync'])), [], 'a second run makes no write');
  await cluster.kubectl(['get', 'secret', 'new-name', '-n', 'team-a']);
});

/** The names of the other tests go, and all is as after a first install. */
async function startWithFirstName(): Promise<void> {
  const previousSecretNames = ['new-name', 'extra', 'renamed'];
  await cluster.install({ ...registryValues(), previousSecretNames, retireAfter: '0s' });
  const { code, output } = await cluster.job(['sync']);
  assert.equal(code, 0, output);
  assert.deepEqual(await cluster.pullSecretsOf('team-b'), [secretName]);
}

test('a rename beside a profile: the old copy holds the credentials of both, and each reference moves in one patch', async () => {
  await startWithFirstName();
  const extra = {
    secretName: 'extra',
    namespaces: { include: ['team-b'] },
    registries: { more: { server: 'more.example.com', username: 'robot', password: uniquePassword('extra-s3cr3t') } },
  };
  const rest = { profiles: { extra }, previousSecretNames: [secretName] };
  await cluster.install({ ...registryValues(uniquePassword('rotated-s3cr3t')), ...rest, secretName: 'renamed' });

  const requests = await cluster.requestsOfJob(() => cluster.job(['sync']));

  const copies = await cluster.copies();
  const [alone, beside] = [copies.get('team-a'), copies.get('team-b')] as [V1Secret, V1Secret];
  const current = await cluster.get<V1Secret>('secret', 'renamed', '-n', 'team-a');
  assert.deepEqual(alone.data, current.data);
  assert.equal(loginIn(beside), uniqueLogin('rotated-s3cr3t'));
  assert.equal(loginIn(beside, 'more.example.com'), uniqueLogin('extra-s3cr3t'));
  assert.deepEqual(await cluster.pullSecretsOf('team-b'), ['extra', 'renamed']);
  const patches = requests.filter(
    ({ verb, resource, namespace }) => verb === 'patch' && resource === 'serviceaccounts' && namespace === 'team-b',
  );
  assert.equal(patches.length, 1);
});

test('a conflict with the new name keeps the old one in place, current, and plan says the same as sync', async () => {
  await startWithFirstName();
  await cluster.kubectl(['create', 'secret', 'generic', 'taken', '-n', 'team-a', '--from-literal=a=b']);
  const rest = { secretName: 'taken', previousSecretNames: [secretName], retireAfter: '0s' };
  await cluster.install({ ...registryValues(uniquePassword('rotated-again')), ...rest });
  const inTeamA = (run: JobRun) =>
    run.events.filter(({ namespace, secret }) => namespace === 'team-a' && secret === secretName);

  const planned = inTeamA(await cluster.job(['plan']));
  const done = inTeamA(await cluster.job(['sync']));

  assert.deepEqual(
    [planned, done].map((events) => events.map(({ message }) => message)),
    [['update copy'], ['copy updated']],
  );
  assert.deepEqual(await cluster.pullSecretsOf('team-a'), [secretName]);
  assert.deepEqual(await cluster.pullSecretsOf('team-b'), ['taken']);
  const copies = await cluster.copies();
  assert.deepEqual([...copies.keys()], ['team-a']);
  assert.equal(loginIn(copies.get('team-a') as V1Secret), uniqueLogin('rotated-again'));
});
