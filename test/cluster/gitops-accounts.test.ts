import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { KubernetesObject, V1ServiceAccount } from '@kubernetes/client-node';
import { until } from '../../scripts/until.ts';
import { applyAs, differences, drift } from './gitops.ts';
import { registryValues, secretName, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;
const managers = ['argocd-controller', 'kustomize-controller', 'helm-controller'];
const mark = 'pullsecret-sync.io/added';

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces('team');
  await cluster.install({ ...registryValues(), ...accounts({}) });
});
after(() => cluster[Symbol.asyncDispose]());

for (const manager of managers) {
  suite(`ServiceAccounts that ${manager} applies`, () => {
    const plain = account(`plain-${manager}`);
    const listed = account(`listed-${manager}`, ['theirs']);
    const naming = account(`naming-${manager}`, ['theirs', secretName]);
    const all = [plain, listed, naming];

    before(async () => {
      await applyAs(cluster, manager, all);
      await sync();
    });

    test('with no list of their own get the reference, and the tool sees no drift', async () => {
      assert.deepEqual(await referencesOf(plain), [secretName]);
      assert.deepEqual(await drift(cluster, manager, [plain]), []);
    });

    test('with a list are left alone and reported, and the tool sees no drift', async () => {
      const { events } = await cluster.job(['sync']);

      assert.deepEqual(await referencesOf(listed), ['theirs']);
      assert.deepEqual(await drift(cluster, manager, [listed]), []);
      assert.ok(events.some((event) => JSON.stringify(event).includes(`"serviceAccount":"listed-${manager}"`)));
    });

    test('with a list that names the copy are in line, with no mark of ours', async () => {
      const { metadata } = await accountOf(naming);

      assert.equal(metadata?.annotations?.[mark], undefined);
      assert.deepEqual(await drift(cluster, manager, [naming]), []);
    });
  });
}

suite('with skipApplied: false', () => {
  const manager = 'argocd-controller';
  const listed = account('overridden', ['theirs']);

  before(async () => {
    await cluster.install({ ...registryValues(), ...accounts({ skipApplied: false }) });
    await applyAs(cluster, manager, [listed]);
    await sync();
  });
  after(() => cluster.install({ ...registryValues(), ...accounts({}) }));

  test("a tool that does not force meets a conflict with the job's name", async () => {
    assert.deepEqual(await referencesOf(listed), ['theirs', secretName]);
    await assert.rejects(drift(cluster, manager, [listed]), /conflict with "pullsecret-sync".*imagePullSecrets/s);
  });

  test('a tool that forces sees our entry as drift, in a field that managedFieldsManagers: [pullsecret-sync] names', async () => {
    assert.deepEqual(await drift(cluster, manager, [listed], ['--force-conflicts']), [
      'ServiceAccount overridden/imagePullSecrets/1',
    ]);
    const { metadata } = await accountOf(listed);
    const ours = metadata?.managedFields?.find((entry) => entry.manager === 'pullsecret-sync');
    assert.ok(ours?.fieldsV1 && 'f:imagePullSecrets' in ours.fieldsV1);
  });
});

suite('a list that a tool applies on the client side, as Argo CD does by default', () => {
  test('gets our entry, which the tool sees as drift', async () => {
    await cluster.applyObjects(account('client-side', ['theirs']));
    await sync();

    assert.match(await clientSideDiff(account('client-side', ['theirs'])), new RegExp(`-- name: ${secretName}`));
  });

  test('is in line once it names the copy itself', async () => {
    const naming = account('client-side', ['theirs', secretName]);
    await cluster.applyObjects(naming);
    await sync();

    assert.equal(await clientSideDiff(naming), '');
  });
});

suite('with the admission policy', () => {
  const manager = 'argocd-controller';
  const listed = account('admitted', ['theirs']);
  const early = account('early', ['theirs']);
  let synced: V1ServiceAccount;

  before(async () => {
    await applyAs(cluster, manager, [early]);
    await cluster.install({ ...registryValues(), ...accounts({}), admissionPolicy: { enabled: true } });
    await until('the policy takes effect', async () =>
      (await drift(cluster, manager, [early])).some((path) => path.includes('imagePullSecrets')),
    );
    await applyAs(cluster, manager, [listed]);
    synced = await accountOf(listed);
  });

  test("our entry is in the list, as part of the tool's own request", async () => {
    assert.deepEqual(await referencesOf(listed), ['theirs', secretName]);
    assert.equal(
      synced.metadata?.managedFields?.some((entry) => entry.manager === 'pullsecret-sync'),
      false,
    );
  });

  test('a tool that compares by a server-side dry run sees no drift and meets no conflict, run after run', async () => {
    await sync();

    assert.deepEqual(await drift(cluster, manager, [listed]), []);
    await applyAs(cluster, manager, [listed]);
    assert.deepEqual(await accountOf(listed), synced);
  });

  test('a list from before the policy is out of step once, until the next sync', async () => {
    assert.notDeepEqual(await drift(cluster, manager, [early]), []);

    await applyAs(cluster, manager, [early]);

    assert.deepEqual(await drift(cluster, manager, [early]), []);
  });

  test('a tool that compares with what is in Git sees our entry and nothing else, which a jq path hides', async () => {
    const live = await accountOf(listed);

    assert.deepEqual(differences(listed.imagePullSecrets, live.imagePullSecrets, ''), ['/1']);
    assert.deepEqual(withoutOurs(live), withoutOurs(listed));
  });
});

suite('a namespace of the tool whose ServiceAccount default is not in Git', () => {
  test('gets copy and reference, and the tool sees no drift', async () => {
    const team = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'managed', labels: { team: 'a' } } };
    await applyAs(cluster, 'argocd-controller', [team]);
    await cluster.kubectl(['wait', '--for=create', 'serviceaccount/default', '-n', 'managed', '--timeout=60s']);

    await sync();

    assert.ok((await cluster.copies()).has('managed'));
    assert.deepEqual(await cluster.pullSecretsOf('managed'), [secretName]);
    assert.deepEqual(await drift(cluster, 'argocd-controller', [team]), []);
  });
});

interface Account extends KubernetesObject {
  imagePullSecrets?: Array<{ name?: string }>;
}

function accounts(rules: object): object {
  return { serviceAccounts: { include: ['*'], ...rules } };
}

function account(name: string, references?: string[]): Account {
  const list = references && { imagePullSecrets: references.map((one) => ({ name: one })) };
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'team' }, ...list };
}

function accountOf({ metadata }: Account): Promise<V1ServiceAccount> {
  const where = ['-n', 'team', '--show-managed-fields'];
  return cluster.get<V1ServiceAccount>('serviceaccount', metadata?.name ?? '', ...where);
}

async function referencesOf(object: Account): Promise<Array<string | undefined>> {
  return ((await accountOf(object)).imagePullSecrets ?? []).map(({ name }) => name);
}

async function sync(): Promise<void> {
  const { code, output } = await cluster.job(['sync']);
  assert.equal(code, 0, output);
}

/** What `.imagePullSecrets[]? | select(.name == "image-pull-secret")` in `jqPathExpressions` leaves to compare. */
function withoutOurs({ imagePullSecrets = [] }: Account | V1ServiceAccount): object {
  return imagePullSecrets.filter(({ name }) => name !== secretName);
}

/** The difference to the next client-side apply; empty where there is none. */
async function clientSideDiff(object: object): Promise<string> {
  return cluster.kubectl(['diff', '-f', '-'], JSON.stringify(object)).catch((error) => error.stdout);
}
