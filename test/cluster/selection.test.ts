import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { V1Secret } from '@kubernetes/client-node';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import {
  loginIn,
  namespaceObject,
  password,
  registryValues,
  secretName,
  startTestCluster,
  type TestCluster,
} from './support.ts';

let cluster: TestCluster;

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces('team-a', 'team-b', 'shop');
  await cluster.install(registryValues());
});
after(() => cluster[Symbol.asyncDispose]());

/** A profile with credentials of its own. */
function profile(namespaces: object, rest: object = {}): object {
  const registry = { server: 'registry.example.com', username: 'team', password: uniquePassword('of-the-team') };
  return { namespaces, registries: { main: registry }, ...rest };
}

async function loginOf(namespace: string, name = secretName): Promise<string> {
  return loginIn(await cluster.get<V1Secret>('secret', name, '-n', namespace));
}

test('a selector takes in the namespaces whose labels fit, and one whose label goes is undone', async () => {
  await cluster.applyObjects(
    namespaceObject('live', { labels: { stage: 'prod' } }),
    namespaceObject('live-eu', { labels: { stage: 'prod', 'example.com/region': 'eu' } }),
    namespaceObject('rehearsal', { labels: { stage: 'test' } }),
  );
  const selector = {
    matchLabels: { stage: 'prod' },
    matchExpressions: [{ key: 'example.com/region', operator: 'NotIn', values: ['eu'] }],
  };
  await cluster.install({ ...registryValues(), namespaces: { selector } });

  const { code, output } = await cluster.job(['sync']);

  assert.equal(code, 0, output);
  assert.deepEqual([...(await cluster.copies()).keys()], ['live']);

  await cluster.kubectl(['label', 'namespace', 'live', 'stage-']);
  await cluster.job(['sync']);

  assert.deepEqual([...(await cluster.copies()).keys()], []);
  assert.deepEqual(await cluster.pullSecretsOf('live'), []);
});

test('where two targets with one secret name select a namespace, the higher priority wins', async () => {
  const profiles = {
    low: profile({ include: ['team-*'] }, { priority: 1, existingSecrets: ['missing'], registries: {} }),
    high: profile({ include: ['team-a'] }, { priority: 2 }),
  };
  await cluster.install({ ...registryValues(), profiles, sourceTimeout: '0s' });

  const { code, events } = await cluster.job(['sync']);

  assert.equal(await loginOf('team-a'), `team:${uniquePassword('of-the-team')}`);
  assert.equal(await loginOf('shop'), `robot:${password}`);
  assert.equal(code, 1, 'one target has no source');
  assert.ok(events.some(({ target, level }) => target === 'low' && level === 'error'));
  assert.equal((await cluster.copies()).has('team-b'), false, 'the target that wins here has no source');
});

test('a namespace that another target wins gets its credentials in place', async () => {
  const before = (await cluster.copies()).get('shop');
  await cluster.install({ ...registryValues(), profiles: { shops: profile({ include: ['shop'] }) } });

  const { code } = await cluster.job(['sync']);

  const now = (await cluster.copies()).get('shop');
  assert.equal(code, 0);
  assert.equal(now?.metadata?.uid, before?.metadata?.uid);
  assert.equal(await loginOf('shop'), `team:${uniquePassword('of-the-team')}`);
});

test('targets with names of their own are both in a namespace, with one patch of its ServiceAccount', async () => {
  await cluster.createNamespaces('both');
  await cluster.install({
    ...registryValues(),
    profiles: { more: profile({ include: ['both'] }, { secretName: 'more' }) },
  });

  const requests = await cluster.requestsOfJob(() => cluster.job(['sync']));

  assert.deepEqual(await cluster.pullSecretsOf('both'), ['more', secretName]);
  assert.equal(await loginOf('both', 'more'), `team:${uniquePassword('of-the-team')}`);
  assert.equal(await loginOf('both'), `robot:${password}`);
  const patches = requests.filter(({ verb, resource, namespace }) => {
    return verb === 'patch' && resource === 'serviceaccounts' && namespace === 'both';
  });
  assert.equal(patches.length, 1);
});
