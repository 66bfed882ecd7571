import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WatchedChange, WatchedObject, WatchQuery } from '../../job/src/cluster/cluster.ts';
import { namespaceRecord, secretRecord, serviceAccountRecord } from '../../job/src/cluster/kubernetes-records.ts';
import { createYoungNamespaces } from '../../job/src/follow/young-namespaces.ts';

type News = [query: WatchQuery, change: WatchedChange];

const queries = {
  namespaces: { resource: 'namespaces' },
  secrets: { resource: 'secrets', name: 'pull' },
  serviceaccounts: { resource: 'serviceaccounts', name: 'default' },
} satisfies Record<string, WatchQuery>;

function came(resource: keyof typeof queries, isNew = true, labels: Record<string, string> = {}): News {
  const name = { namespaces: 'team', secrets: 'pull', serviceaccounts: 'default' }[resource];
  const raw = { metadata: { name, namespace: 'team', labels } };
  const objects: Record<keyof typeof queries, WatchedObject> = {
    namespaces: { namespace: namespaceRecord(raw) },
    secrets: { secret: secretRecord(raw) },
    serviceaccounts: { serviceAccount: serviceAccountRecord(raw) },
  };
  return [queries[resource], { namespace: 'team', name, gone: false, isNew, object: objects[resource] }];
}

function went(resource: keyof typeof queries): News {
  const [query, { object: _, ...change }] = came(resource, false);
  return [query, { ...change, gone: true }];
}

/** What is known of the namespace after some news, in short; `undefined` where it is to be looked at. */
function known(news: readonly News[], { after = 0, young = createYoungNamespaces() } = {}) {
  for (const one of news) young.hear(...one, 0);
  const told = young.told('team', after);
  return told && { labels: told.namespaces[0]?.labels, here: [...told.secrets, ...told.serviceAccounts].map(nameOf) };
}

function nameOf({ name }: { name: string }): string {
  return name;
}

test('what was told of a namespace from its first moment on is all that is in it, in whatever order the watches tell', () => {
  const inOrder = [came('namespaces'), came('serviceaccounts'), came('secrets')];

  for (const news of [inOrder, inOrder.toReversed()]) assert.deepEqual(known(news)?.here, ['pull', 'default']);
  assert.deepEqual(known([came('namespaces')])?.here, []);
});

test('what changes, or goes, is known', () => {
  const news = [came('namespaces'), came('serviceaccounts'), came('secrets')];

  assert.deepEqual(known([...news, came('namespaces', false, { tier: 'gold' }), went('secrets')]), {
    labels: { tier: 'gold' },
    here: ['default'],
  });
});

const looks: Array<[what: string, news: News[]]> = [
  ['of which nothing was told', []],
  ['that was there before', [came('namespaces', false)]],
  ['in which something new was told of, but not that it came to be', [came('serviceaccounts')]],
  ['that is being deleted', [came('namespaces'), went('namespaces')]],
  [
    'that was deleted and came anew, since it is not known what of it is from before',
    [came('serviceaccounts'), came('namespaces'), went('namespaces'), came('namespaces')],
  ],
];
for (const [what, news] of looks) {
  test(`a namespace ${what} is to be looked at`, () => {
    assert.equal(known(news), undefined);
  });
}

test('a namespace is young for a minute, and does not become so again', () => {
  const young = createYoungNamespaces();

  assert.ok(known([came('namespaces')], { after: 59_999, young }));
  assert.equal(known([], { after: 60_000, young }), undefined);
  assert.equal(known([came('namespaces')], { young }), undefined);
});

test('after a LIST that showed it a namespace is looked at, and one that came after the LIST is not', () => {
  for (const [shown, all] of [
    ['team', false],
    ['team', true],
    ['other', true],
  ] as const) {
    const young = createYoungNamespaces();
    known([came('namespaces')], { young });

    young.listed([shown], all);

    assert.equal(known([], { young }) === undefined, shown === 'team');
  }
});

test('nothing is known any more once a watch lost its place', () => {
  const young = createYoungNamespaces();
  known([came('namespaces')], { young });

  young.forget();

  assert.equal(known([came('serviceaccounts')], { young }), undefined);
});

test('a source in the release namespace says nothing of the namespace', () => {
  const [query, change] = came('secrets');
  const young = createYoungNamespaces();

  young.hear({ ...query, namespace: 'team' }, change, 0);

  assert.deepEqual(known([came('namespaces')], { young })?.here, []);
});
