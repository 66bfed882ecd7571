import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { V1Secret, V1ServiceAccount } from '@kubernetes/client-node';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { registryValues, secretName, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;
const teams = Array.from({ length: 12 }, (_, index) => `team-${index}`);

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces(...teams);
  // The guard goes by this; what a run does goes by the configuration that each test writes.
  await cluster.install({ ...registryValues(), onConflict: 'adopt' });
});
after(() => cluster[Symbol.asyncDispose]());
beforeEach(async () => {
  const { code, output } = await sync({});
  assert.equal(code, 0, output);
});

async function sync(target: object, rest: object = {}) {
  return cluster.job(['sync', '--config', await cluster.writeConfig(target, rest)]);
}

test('a namespace that is excluded later loses its copy and our reference, and no other entry', async () => {
  const patch = { imagePullSecrets: [{ name: 'theirs' }, { name: secretName }] };
  await cluster.kubectl([
    'patch',
    'serviceaccount',
    'default',
    '-n',
    'team-0',
    '--type=merge',
    '-p',
    JSON.stringify(patch),
  ]);

  const { code } = await sync({ namespaces: { exclude: ['team-0'] } });

  assert.equal(code, 0);
  assert.equal((await cluster.copies()).has('team-0'), false);
  assert.deepEqual(await cluster.pullSecretsOf('team-0'), ['theirs']);
  const { metadata } = await cluster.get<V1ServiceAccount>('serviceaccount', 'default', '-n', 'team-0');
  assert.equal(metadata?.annotations?.['pullsecret-sync.io/added'], undefined);
});

test('the annotation on a namespace undoes as well', async () => {
  await cluster.kubectl(['annotate', 'namespace', 'team-1', 'pullsecret-sync.io/exclude=true']);

  await sync({});

  assert.equal((await cluster.copies()).has('team-1'), false);
  assert.deepEqual(await cluster.pullSecretsOf('team-1'), []);
});

test('a reference that was there before us stays where it is', async () => {
  await cluster.createNamespaces('had-it');
  const patch = JSON.stringify({ imagePullSecrets: [{ name: secretName }] });
  await cluster.kubectl(['patch', 'serviceaccount', 'default', '-n', 'had-it', '--type=merge', '-p', patch]);
  await sync({});

  await sync({ namespaces: { exclude: ['had-it'] } });

  assert.equal((await cluster.copies()).has('had-it'), false);
  assert.deepEqual(await cluster.pullSecretsOf('had-it'), [secretName]);
});

test('a ServiceAccount that is excluded later loses our reference, and the copy stays', async () => {
  await cluster.kubectl(['annotate', 'serviceaccount', 'default', '-n', 'team-2', 'pullsecret-sync.io/exclude=true']);

  await sync({});

  assert.deepEqual(await cluster.pullSecretsOf('team-2'), []);
  assert.ok((await cluster.copies()).has('team-2'));
});

test('a run that would remove more than half of its copies removes none, says so and does the rest', async () => {
  const before = [...(await cluster.copies()).keys()];
  await cluster.createNamespaces('newcomer');

  const { code, events } = await sync({ namespaces: { include: ['newcomer'] } });

  assert.equal(code, 1);
  assert.ok(events.some(({ message }) => message === 'the run would remove too many copies and removed none'));
  assert.deepEqual([...(await cluster.copies()).keys()].toSorted(), [...before, 'newcomer'].toSorted());
});

test('maxRemovePercent: 100 lets them all go', async () => {
  const { code } = await sync({ namespaces: { include: ['nothing'] } }, { maxRemovePercent: 100 });

  assert.equal(code, 0);
  assert.deepEqual([...(await cluster.copies()).keys()], []);
});

test('a Secret that was adopted is handed back: our marks go, it stays', async () => {
  await cluster.createNamespaces('adopted');
  const create = ['create', 'secret', 'docker-registry', secretName, '-n', 'adopted'];
  await cluster.kubectl([
    ...create,
    '--docker-server=old.example.com',
    '--docker-username=a',
    `--docker-password=${uniquePassword('theirs')}`,
  ]);
  await cluster.kubectl(['label', 'secret', secretName, '-n', 'adopted', 'team=theirs']);
  const { metadata: before } = await cluster.get<V1Secret>('secret', secretName, '-n', 'adopted');
  await sync({ onConflict: 'adopt' });

  await sync({ onConflict: 'adopt', namespaces: { exclude: ['adopted'] } });

  const { metadata } = await cluster.get<V1Secret>('secret', secretName, '-n', 'adopted');
  assert.equal(metadata?.uid, before?.uid);
  assert.deepEqual(metadata?.labels, { team: 'theirs' });
  assert.equal(metadata?.annotations, undefined);
  assert.deepEqual(await cluster.pullSecretsOf('adopted'), []);
  const again = () => sync({ onConflict: 'adopt', namespaces: { exclude: ['adopted'] } });
  assert.deepEqual(await cluster.writesOfJob(again), [], 'a second run makes no write');
});

describe('our reference in a list that another tool applies since', () => {
  const declared = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: 'declared' },
    imagePullSecrets: [{ name: 'theirs' }, { name: secretName }],
  };
  const apply = (...flags: string[]) => {
    const args = ['apply', '--server-side', '--field-manager=argocd', ...flags, '-f', '-'];
    return cluster.kubectl(args, JSON.stringify(declared));
  };
  const excluded = { namespaces: { exclude: ['declared'] } };

  before(async () => {
    await cluster.createNamespaces('declared');
    await sync({});
    await apply('--force-conflicts');
  });

  test('stays when the namespace is excluded, is reported, and the tool can go on', async () => {
    const { code, events } = await sync(excluded);

    assert.equal(code, 0);
    assert.equal((await cluster.copies()).has('declared'), false);
    assert.deepEqual(await cluster.pullSecretsOf('declared'), ['theirs', secretName]);
    const warning = events.find(({ namespace, level }) => namespace === 'declared' && level === 'warn');
    assert.equal(warning?.declaredBy, 'argocd');
    assert.match(String(warning?.fix), /take image-pull-secret out of the list there/);
    await apply();
  });

  test('goes with skipApplied: false', async () => {
    await sync({ ...excluded, serviceAccounts: { skipApplied: false } });

    assert.deepEqual(await cluster.pullSecretsOf('declared'), ['theirs']);
  });

  test('goes with a cleanup', async () => {
    await apply('--force-conflicts');
    const config = await cluster.writeConfig({});

    const { code, output } = await cluster.job(['cleanup', '--config', config], {
      KUBECONFIG: cluster.controlPlane.kubeconfig,
    });

    assert.equal(code, 0, output);
    assert.deepEqual(await cluster.pullSecretsOf('declared'), ['theirs']);
  });
});
