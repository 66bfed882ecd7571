import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WatchQuery } from '../../job/src/cluster/cluster.ts';
import { parseConfig } from '../../job/src/config/config.ts';
import { everything } from '../../job/src/follow/agenda.ts';
import { watchedConfigMap, watchedFiles, watchedObjects, workAfter } from '../../job/src/follow/watched.ts';

const targets = [
  {
    name: 'team',
    secretName: 'pull',
    sources: [{ secret: 'a' }, { file: '/etc/x' }],
    serviceAccounts: { include: ['builder'] },
  },
  { name: 'default', secretName: 'pull', sources: [{ secret: 'a' }, { file: '/etc/x' }] },
];
const config = (rest: object = {}) =>
  parseConfig(JSON.stringify({ release: 'registry-access/r', targets, ...rest }), 'the test');

test('what a run looks at is watched by name, and each source once in the release namespace', () => {
  assert.deepEqual(watchedObjects(config({ previousSecretNames: ['old'] })), [
    { resource: 'namespaces' },
    { resource: 'secrets', name: 'pull' },
    { resource: 'secrets', name: 'old' },
    { resource: 'serviceaccounts', name: 'builder' },
    { resource: 'serviceaccounts', name: 'default' },
    { resource: 'secrets', namespace: 'registry-access', name: 'a' },
  ]);
  assert.deepEqual(watchedFiles(config()), ['/etc/x']);
});

test('with globs all ServiceAccounts are watched', () => {
  const watched = watchedObjects(config({ previousServiceAccounts: ['ci-*'] }));

  assert.deepEqual(
    watched.filter(({ resource }) => resource === 'serviceaccounts'),
    [{ resource: 'serviceaccounts' }],
  );
});

const cases: Array<[what: string, query: WatchQuery, gone: boolean, work: string | undefined]> = [
  ['a namespace that appears or changes', { resource: 'namespaces' }, false, 'team-a'],
  ['a namespace that is being deleted', { resource: 'namespaces' }, true, undefined],
  ['a copy that changes', { resource: 'secrets', name: 'pull' }, false, 'team-a'],
  ['a copy that is deleted', { resource: 'secrets', name: 'pull' }, true, 'team-a'],
  ['a ServiceAccount', { resource: 'serviceaccounts', name: 'default' }, false, 'team-a'],
  ['a source', { resource: 'secrets', namespace: 'registry-access', name: 'a' }, false, everything],
  ['the configuration', watchedConfigMap('registry-access/pullsecret-sync'), false, everything],
];
for (const [what, query, gone, work] of cases) {
  test(`${what} is a reason to look at ${work === everything ? 'everything' : (work ?? 'nothing')}`, () => {
    assert.equal(workAfter(query, { namespace: 'team-a', gone }), work);
  });
}
