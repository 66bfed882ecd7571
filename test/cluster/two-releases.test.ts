import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { KubernetesObject } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { until } from '../../scripts/until.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { offSchedule, type TestRelease, testRelease, workingChart } from './release.ts';
import { loginIn, secretName, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;
/** Two of the same name in two namespaces, and two in one namespace. */
const which = [
  { namespace: 'alpha', name: 'pullsecret-sync', teams: 'a' },
  { namespace: 'beta', name: 'pullsecret-sync', teams: 'b' },
  { namespace: 'alpha', name: 'second', teams: 'c' },
];
let releases: Array<TestRelease & { name: string; teams: string }>;

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces('a-1', 'a-2', 'b-1', 'b-2', 'c-1', 'c-2');
  releases = which.map((one) => ({ ...one, ...testRelease(cluster, one) }));
  for (const { upgrade, teams } of releases) await upgrade(workingChart, valuesFor(teams));
});
after(() => cluster[Symbol.asyncDispose]());

test('no two releases have an object in common', async () => {
  const objects = await Promise.all(releases.map(({ helm, name }) => helm(['get', 'manifest', name])));

  const names = objects.flatMap((manifest) =>
    parseAllDocuments(manifest).map((document) => {
      const { kind, metadata }: KubernetesObject = document.toJS();
      return `${kind} ${metadata?.namespace ?? ''}/${metadata?.name}`;
    }),
  );
  assert.equal(new Set(names).size, names.length, names.toSorted().join('\n'));
});

test('each fills its own namespaces, with its own identity and credentials', async () => {
  for (const { job } of releases) {
    const { code, output } = await job(['sync']);
    assert.equal(code, 0, output);
  }

  const filled = ['a-1', 'a-2', 'b-1', 'b-2', 'c-1', 'c-2'].map((name) => [
    name,
    `robot:${uniquePassword(String(name[0]))}`,
  ]);
  assert.deepEqual(await state(), Object.fromEntries(filled));
});

test("a second run of each finds nothing to do, nor anything of another's to undo", async () => {
  for (const { job } of releases) {
    const { code, output } = await job(['plan', '--exit-code']);
    assert.equal(code, 0, output);
  }
});

test('a new namespace gets the reference of its own release from the admission policies', async () => {
  await cluster.createNamespaces('b-new');

  assert.deepEqual(await marksOf('b-new'), [`beta/pullsecret-sync:${secretName}`]);
});

suite('when one release goes', () => {
  let others: Record<string, string>;
  let versions: string[];

  before(async () => {
    for (const { job } of releases) await job(['sync']);
    others = await state(/^[bc]/);
    versions = await versionsOf(/^[bc]/);
    const first = releases[0] as TestRelease;
    const { code, output } = await first.job(['cleanup'], 'pullsecret-sync-cleanup');
    assert.equal(code, 0, output);
    await first.helm(['uninstall', 'pullsecret-sync', '--no-hooks', '--wait']);
  });

  test('its copies, references and marks are gone', async () => {
    assert.deepEqual(await state(/^a/), {});
    for (const namespace of ['a-1', 'a-2']) {
      assert.deepEqual(await cluster.pullSecretsOf(namespace), []);
      assert.deepEqual(await marksOf(namespace), []);
    }
  });

  test('nobody touched what the others made', async () => {
    assert.deepEqual(await state(/^[bc]/), others);
    assert.deepEqual(await versionsOf(/^[bc]/), versions);
  });

  test('the others go on, admission policies too', async () => {
    const [, ...rest] = releases;
    for (const { job } of rest) {
      const { code, output } = await job(['sync']);
      assert.equal(code, 0, output);
    }
    await cluster.createNamespaces('c-new');
    assert.deepEqual(await marksOf('c-new'), [`alpha/second:${secretName}`]);
  });

  test('its own policy is gone: a new namespace gets nothing', async () => {
    await until('the policy of the release that went has no effect', async () => {
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'a-1' } };
      const args = ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '-o', 'json', '-f', '-'];
      return !(await cluster.kubectl(args, JSON.stringify(account))).includes(secretName);
    });

    await cluster.createNamespaces('a-new');

    assert.deepEqual(await marksOf('a-new'), []);
  });
});

function valuesFor(teams: string): object {
  const main = { server: 'registry.example.com', username: 'robot', password: uniquePassword(teams) };
  return {
    ...offSchedule,
    registries: { main },
    namespaces: { include: [`${teams}-*`] },
    admissionPolicy: { enabled: true },
  };
}

/** The login that the copy of each namespace holds. Each has to be referred to. */
async function state(pattern = /./): Promise<Record<string, string>> {
  const copies = [...(await cluster.copies())].filter(([namespace]) => pattern.test(namespace));
  for (const [namespace] of copies) assert.deepEqual(await cluster.pullSecretsOf(namespace), [secretName], namespace);
  return Object.fromEntries(copies.map(([namespace, copy]) => [namespace, loginIn(copy)]));
}

/** Tells whether anybody wrote to a copy or to a ServiceAccount. */
async function versionsOf(pattern: RegExp): Promise<string[]> {
  const objects = await cluster.list<KubernetesObject>('secrets,serviceaccounts', '-A');
  return objects
    .filter(({ metadata }) => pattern.test(metadata?.namespace ?? ''))
    .filter(({ metadata }) => [secretName, 'default'].includes(metadata?.name ?? ''))
    .map(({ kind, metadata }) => [kind, metadata?.namespace, metadata?.uid, metadata?.resourceVersion].join(' '));
}

async function marksOf(namespace: string): Promise<string[]> {
  const { metadata } = await cluster.get<KubernetesObject>('serviceaccount', 'default', '-n', namespace);
  return metadata?.annotations?.['pullsecret-sync.io/added']?.split(',') ?? [];
}
