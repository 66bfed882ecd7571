import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { V1ConfigMap, V1ServiceAccount } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { until } from '../../scripts/until.ts';
import { uniqueLogin, uniquePassword } from '../support/leaks/unique-password.ts';
import { offSchedule, testRelease, workingChart } from './release.ts';
import {
  loginIn,
  namespaceObject,
  registryValues,
  releaseNamespace,
  secretName,
  sourceSecret,
  startTestCluster,
  type TestCluster,
} from './support.ts';

let cluster: TestCluster;
const everybody = uniqueLogin('everybody');
const shared = { ...registryValues(uniquePassword('everybody')), sourceTimeout: '4s' };
const profile = (source: string, include: string[], rest: object = {}) => ({
  existingSecrets: [source],
  namespaces: { include },
  ...rest,
});
/** The profile `apps` would win by its name, and `vip` does by its priority. */
const profiles = {
  apps: profile('apps', ['team-*']),
  vip: profile('vip', ['team-vip'], { priority: 10 }),
  tools: profile('tools', ['team-a'], { secretName: 'tools-pull' }),
};

/** The release beside the one of the other tests. */
const otherTeam = { namespace: 'other-team', name: 'pullsecret-sync-b' };

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces('team-a', 'team-vip', 'elsewhere');
  await cluster.install(shared);
  await cluster.applyObjects(
    ...['apps', 'vip', 'tools'].map((name) => sourceSecret(name, `robot:${uniquePassword(name)}`)),
  );
});
after(() => cluster[Symbol.asyncDispose]());

async function sync(code = 0) {
  const result = await cluster.job(['sync']);
  assert.equal(result.code, code, result.output);
  return result;
}

/** Resolves once the API server has let go of the policy, which it would put a reference back by for a moment longer. */
async function untilPolicyEnds(namespace: string): Promise<void> {
  const patch = ['--type=merge', '-p', '{"imagePullSecrets":null}', '--dry-run=server', '-o', 'json'];
  await until('the policy puts no reference back', async () => {
    const predicted = await cluster.kubectl(['patch', 'serviceaccount', 'default', '-n', namespace, ...patch]);
    return JSON.parse(predicted).imagePullSecrets === undefined;
  });
}

/** The login of each namespace's copy. */
async function logins(): Promise<Record<string, string>> {
  const copies = [...(await cluster.copies())].map(([namespace, copy]) => [namespace, loginIn(copy)]);
  return Object.fromEntries(copies);
}

async function expectNothingToWrite(): Promise<void> {
  assert.deepEqual(await cluster.writesOfJob(() => sync()), []);
}

const inLine = {
  default: everybody,
  [releaseNamespace]: everybody,
  elsewhere: everybody,
  'team-a': uniqueLogin('apps'),
  'team-vip': uniqueLogin('vip'),
};

test('each namespace has the credentials of the first profile that selects it, by priority and then by name', async () => {
  await cluster.install({ ...shared, profiles });

  await sync();

  assert.deepEqual(await logins(), inLine);
  assert.deepEqual(await cluster.pullSecretsOf('team-a'), ['tools-pull', secretName].toSorted());
  assert.deepEqual(await cluster.pullSecretsOf('team-vip'), [secretName]);
});

test('a second run with profiles makes no write', () => expectNothingToWrite());

test('a profile whose source breaks stops alone: its namespaces stay as they are and do not fall through', async () => {
  await cluster.applyObjects({ ...sourceSecret('vip', ''), data: { '.dockerconfigjson': 'e30=' } });
  await cluster.applyObjects(sourceSecret('apps', uniqueLogin('apps-rotated')));
  await cluster.createNamespaces('team-new');

  const { events } = await sync(1);

  assert.deepEqual(await logins(), {
    ...inLine,
    'team-a': uniqueLogin('apps-rotated'),
    'team-new': uniqueLogin('apps-rotated'),
  });
  const errors = events.filter(({ level, target }) => level === 'error' && target !== undefined);
  assert.deepEqual(
    errors.map(({ target }) => target),
    ['vip'],
  );
  const { data = {} } = await cluster.get<V1ConfigMap>('configmap', 'pullsecret-sync-status', '-n', releaseNamespace);
  const { targets } = parse(data['status.yaml'] ?? '');
  assert.deepEqual(
    targets.map(({ name, problems }: { name: string; problems: object[] }) => [name, problems.length]),
    [
      ['vip', 1],
      ['apps', 0],
      ['tools', 0],
      ['default', 0],
    ],
  );
});

test('a profile whose source is missing delays nobody else, and gets its own when it arrives', async () => {
  await cluster.kubectl(['delete', 'secret', 'vip', '-n', releaseNamespace]);
  await cluster.applyObjects(sourceSecret('apps', uniqueLogin('apps')));
  await cluster.install({ ...shared, profiles, sourceTimeout: '60s' });
  let meanwhile: Record<string, string> = {};

  const requests = await cluster.requestsOfJob(async () => {
    const written = cluster.untilJobAsks('patch', 'secrets', secretName);
    const running = sync();
    await written;
    await cluster.untilJobAsks('get', 'secrets', 'vip');
    meanwhile = await logins();
    await cluster.applyObjects(sourceSecret('vip', uniqueLogin('vip-new')));
    await running;
  });

  const untilFirstWrite = requests.slice(
    0,
    requests.findIndex(({ verb, resource }) => verb === 'patch' && resource === 'secrets'),
  );
  assert.equal(untilFirstWrite.filter(({ name }) => name === 'vip').length, 1, 'looked for once before the others');
  assert.equal(meanwhile['team-a'], uniqueLogin('apps'));
  assert.equal(meanwhile['team-vip'], uniqueLogin('vip'));
  assert.equal((await logins())['team-vip'], uniqueLogin('vip-new'));
});

test('a namespace that moves to another profile has its credentials with the next run, in place', async () => {
  const before = (await cluster.copies()).get('elsewhere')?.metadata?.uid;
  const labelled = { existingSecrets: ['vip'], namespaces: { selector: { matchLabels: { tier: 'vip' } } } };
  await cluster.install({ ...shared, profiles: { ...profiles, labelled } });
  await sync();
  await cluster.applyObjects(namespaceObject('elsewhere', { labels: { tier: 'vip' } }));

  const { events } = await sync();

  assert.equal((await logins()).elsewhere, uniqueLogin('vip-new'));
  assert.equal((await cluster.copies()).get('elsewhere')?.metadata?.uid, before);
  assert.deepEqual(
    events.filter(({ writer }) => writer !== undefined),
    [],
  );
});

test('with the admission policy on a second run makes no write either', async () => {
  await cluster.install({ ...shared, profiles, admissionPolicy: { enabled: 'auto' } });
  await sync();

  await expectNothingToWrite();
});

test('a profile that is removed is undone, and its namespaces follow the next that selects them', async () => {
  const { apps } = profiles;
  await cluster.install({ ...shared, profiles: { apps }, previousSecretNames: ['tools-pull'], retireAfter: '0s' });
  await untilPolicyEnds('team-a');

  await sync();

  assert.deepEqual(await logins(), {
    ...inLine,
    'team-vip': uniqueLogin('apps'),
    'team-new': uniqueLogin('apps'),
  });
  assert.deepEqual(await cluster.list('secrets', '-A', '--field-selector', 'metadata.name=tools-pull'), []);
  assert.deepEqual(await cluster.pullSecretsOf('team-a'), [secretName]);
  await expectNothingToWrite();
});

test('two releases with one secret name keep disjoint namespaces, and a namespace moves from one to the other', async () => {
  const second = testRelease(cluster, otherTeam);
  const values = { ...registryValues(uniquePassword('second')), ...offSchedule, admissionPolicy: { enabled: false } };
  await cluster.install({ ...shared, namespaces: { exclude: ['elsewhere', second.namespace] } });
  await sync();
  await second.upgrade(workingChart, { ...values, namespaces: { include: ['elsewhere'] } });
  const syncSecond = async () => {
    const result = await second.job(['sync']);
    assert.equal(result.code, 0, result.output);
  };
  await syncSecond();
  assert.equal((await logins()).elsewhere, uniqueLogin('second'));
  assert.equal((await logins())['team-a'], everybody);
  await expectNothingToWrite();

  // First the second release wants it too, then the first one lets it go.
  await second.upgrade(workingChart, { ...values, namespaces: { include: ['elsewhere', 'team-a'] } });
  await syncSecond();
  assert.equal((await logins())['team-a'], everybody, 'what another release owns is not touched');
  await cluster.install({ ...shared, namespaces: { exclude: ['elsewhere', 'team-a', second.namespace] } });
  await sync();
  await syncSecond();

  assert.equal((await logins())['team-a'], uniqueLogin('second'));
  const { metadata, imagePullSecrets } = await cluster.get<V1ServiceAccount>(
    'serviceaccount',
    'default',
    '-n',
    'team-a',
  );
  assert.deepEqual(imagePullSecrets, [{ name: secretName }]);
  assert.equal(metadata?.annotations?.['pullsecret-sync.io/added'], `other-team/pullsecret-sync-b:${secretName}`);
  await expectNothingToWrite();
});

test('two releases with a secret name each share a ServiceAccount: both marks, and each undoes its own', async () => {
  const second = testRelease(cluster, otherTeam);
  const values = {
    ...registryValues(uniquePassword('second')),
    ...offSchedule,
    admissionPolicy: { enabled: false },
    secretName: 'second-pull',
    previousSecretNames: [secretName],
  };
  const accountOf = async (namespace: string) => {
    const account = await cluster.get<V1ServiceAccount>('serviceaccount', 'default', '-n', namespace);
    const references = (account.imagePullSecrets ?? []).map(({ name }) => name);
    return { references, marks: account.metadata?.annotations?.['pullsecret-sync.io/added'] };
  };
  const syncSecond = async (namespaces: object) => {
    await second.upgrade(workingChart, { ...values, retireAfter: '0s', namespaces });
    const result = await second.job(['sync']);
    assert.equal(result.code, 0, result.output);
  };

  await syncSecond({ include: ['team-vip'] });

  const ours = `${releaseNamespace}/pullsecret-sync:${secretName}`;
  assert.deepEqual(await accountOf('team-vip'), {
    references: [secretName, 'second-pull'],
    marks: `${ours},other-team/pullsecret-sync-b:second-pull`,
  });
  await expectNothingToWrite();

  await syncSecond({ include: ['nothing'] });

  assert.deepEqual(await accountOf('team-vip'), { references: [secretName], marks: ours });
});
