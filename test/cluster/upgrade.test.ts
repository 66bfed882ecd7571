import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { V1ServiceAccount } from '@kubernetes/client-node';
import { uniqueLogin, uniquePassword } from '../support/leaks/unique-password.ts';
import { offSchedule, type TestRelease, testRelease, workingChart } from './release.ts';
import { loginIn, secretName, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;
// Released charts do not know it.
const { verifyCredentials: _, ...scheduleOff } = offSchedule;
const folder = join(import.meta.dirname, '..', 'fixtures', 'charts');
/** Every chart that was released, as it was packaged. */
const released = readdirSync(folder).toSorted();
const helms = [
  { name: 'Helm 4', from: 'helm', to: 'helm' },
  { name: 'Helm 3', from: 'helm3', to: 'helm3' },
  { name: 'Helm 3 first and Helm 4 then', from: 'helm3', to: 'helm' },
] as const;

before(async () => {
  cluster = await startTestCluster();
});
after(() => cluster[Symbol.asyncDispose]());

for (const [index, { archive, helm }] of released
  .flatMap((archive) => helms.map((helm) => ({ archive, helm })))
  .entries()) {
  suite(`an upgrade from ${archive} (${helm.name})`, () => {
    const teams = [`team-${index}-a`, `team-${index}-b`];
    const special = `special-${index}`;
    const namespace = `release-${index}`;
    let installed: TestRelease;
    let release: TestRelease;
    let copies: Map<string, Copy>;

    before(async () => {
      installed = testRelease(cluster, { namespace, program: helm.from });
      release = testRelease(cluster, { namespace, program: helm.to });
      await cluster.createNamespaces(...teams, special);
      await installed.upgrade(join(folder, archive), {
        ...scheduleOff,
        registries: { main: registry('first') },
        namespaces: { include: [`team-${index}-*`] },
        profiles: { special: { namespaces: { include: [special] }, registries: { main: registry('special') } } },
      });
    });

    test('starts from what the program of today makes with the configuration of then', async () => {
      const { code, output } = await installed.job(['sync']);

      assert.equal(code, 0, output);
      copies = await copiesIn([...teams, special]);
      assert.deepEqual(logins(copies), [uniqueLogin('first'), uniqueLogin('first'), uniqueLogin('special')]);
    });

    test('loses no copy and no reference, and keeps the values', async () => {
      await release.helm(['upgrade', 'pullsecret-sync', workingChart, '--reset-then-reuse-values']);

      assert.deepEqual(await copiesIn([...teams, special]), copies);
      const { code, output, events } = await release.job(['sync']);
      assert.equal(code, 0, output);
      assert.equal(events.at(-1)?.copiesCreated, 0, output);
      assert.deepEqual(await copiesIn([...teams, special]), copies);
    });

    test('rotates in place afterwards', async () => {
      // The new password would be tried by a pod, and none runs here.
      const changes = [
        '--set-literal',
        `registries.main.password=${uniquePassword('second')}`,
        '--set',
        'verifyCredentials=off',
      ];
      await release.helm(['upgrade', 'pullsecret-sync', workingChart, '--reset-then-reuse-values', ...changes]);

      const { code, output } = await release.job(['sync']);

      assert.equal(code, 0, output);
      const rotated = await copiesIn([...teams, special]);
      assert.deepEqual(logins(rotated), [uniqueLogin('second'), uniqueLogin('second'), uniqueLogin('special')]);
      assert.deepEqual(identities(rotated), identities(copies));
    });

    test('can be rolled back, copies and all', async () => {
      await release.helm(['rollback', 'pullsecret-sync', '1']);

      const { code, output } = await release.job(['sync']);

      assert.equal(code, 0, output);
      const back = await copiesIn([...teams, special]);
      assert.deepEqual(logins(back), [uniqueLogin('first'), uniqueLogin('first'), uniqueLogin('special')]);
      assert.deepEqual(identities(back), identities(copies));
    });
  });
}

function registry(name: string): object {
  return { server: 'registry.example.com', username: 'robot', password: uniquePassword(name) };
}

interface Copy {
  uid: string | undefined;
  login: string;
  mark: string | undefined;
}

/** The copy of each namespace. Each has to be referred to, once. */
async function copiesIn(namespaces: string[]): Promise<Map<string, Copy>> {
  const all = await cluster.copies();
  const found = namespaces.map(async (namespace): Promise<[string, Copy]> => {
    const secret = all.get(namespace);
    assert.ok(secret, `there is no ${secretName} in ${namespace}`);
    const account = await cluster.get<V1ServiceAccount>('serviceaccount', 'default', '-n', namespace);
    const references = (account.imagePullSecrets ?? []).map(({ name }) => name);
    const mark = account.metadata?.annotations?.['pullsecret-sync.io/added'];
    assert.deepEqual(references, [secretName]);
    return [namespace, { uid: secret.metadata?.uid, login: loginIn(secret), mark }];
  });
  return new Map(await Promise.all(found));
}

const logins = (copies: Map<string, Copy>) => [...copies.values()].map(({ login }) => login);
const identities = (copies: Map<string, Copy>) => [...copies.values()].map(({ uid, mark }) => [uid, mark]);
