import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { V1Secret, V1ServiceAccount } from '@kubernetes/client-node';
import type { Cluster, SecretContent } from '../../job/src/cluster/cluster.ts';
import { parseConfig } from '../../job/src/config/config.ts';
import { run } from '../../job/src/run/engine.ts';
import { uniqueLogin } from '../support/leaks/unique-password.ts';
import { engineInProcess } from './engine-in-process.ts';
import {
  loginIn,
  password,
  registryValues,
  releaseNamespace,
  secretName,
  startTestCluster,
  type TestCluster,
} from './support.ts';

let cluster: TestCluster;

before(async () => {
  cluster = await startTestCluster();
  // The guard goes by these values; what a run does goes by the configuration that each test writes.
  await cluster.install({ ...registryValues(), onConflict: 'adopt', previousReleases: ['old/name'] });
});
after(() => cluster[Symbol.asyncDispose]());

const copyIn = (namespace: string) => cluster.get<V1Secret>('secret', secretName, '-n', namespace);

async function sync(target: object = {}, rest: object = {}) {
  return cluster.job(['sync', '--config', await cluster.writeConfig(target, rest)]);
}

async function createSecret(namespace: string, secret: object): Promise<void> {
  await cluster.createNamespaces(namespace);
  const auths = { 'old.example.com': { auth: Buffer.from(uniqueLogin('old')).toString('base64') } };
  const content = Buffer.from(JSON.stringify({ auths })).toString('base64');
  const metadata = { name: secretName, namespace };
  const base = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': content },
  };
  await cluster.kubectl(
    ['create', '-f', '-'],
    JSON.stringify({
      ...base,
      ...secret,
      metadata: { ...metadata, ...('metadata' in secret ? (secret.metadata as object) : {}) },
    }),
  );
}

async function putSecret(namespace: string, data: Record<string, string>): Promise<void> {
  const metadata = { name: secretName, namespace };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/dockerconfigjson', data };
  await cluster.kubectl(['create', '-f', '-'], JSON.stringify(secret));
}

test("a hand-made Secret is adopted in place: the same UID, others' labels and data keys stay", async () => {
  await createSecret('by-hand', {
    metadata: { labels: { team: 'theirs' } },
    data: { '.dockerconfigjson': 'e30=', other: 'eA==' },
  });
  const before = await copyIn('by-hand');

  const { code } = await sync({ onConflict: 'adopt' });

  const adopted = await copyIn('by-hand');
  assert.equal(code, 0);
  assert.equal(adopted.metadata?.uid, before.metadata?.uid);
  assert.equal(adopted.metadata?.labels?.team, 'theirs');
  assert.equal(adopted.data?.other, 'eA==');
  assert.equal(adopted.metadata?.annotations?.['pullsecret-sync.io/adopted'], 'true');
  assert.equal(loginIn(adopted), `robot:${password}`);
});

for (const [what, rest] of [
  ['of a wrong type', { type: 'Opaque' }],
  ['that is immutable', { immutable: true }],
] as const) {
  test(`a Secret ${what} is replaced when it is adopted, since the API leaves no other way`, async () => {
    const namespace = what.replaceAll(' ', '-');
    await createSecret(namespace, rest);
    const before = await copyIn(namespace);

    const { code, output } = await sync({ onConflict: 'adopt' });

    assert.equal(code, 0, output);
    const replaced = await copyIn(namespace);
    assert.notEqual(replaced.metadata?.uid, before.metadata?.uid);
    assert.equal(replaced.type, 'kubernetes.io/dockerconfigjson');
    assert.equal(loginIn(replaced), `robot:${password}`);
  });
}

test('what imagepullsecret-patcher left is taken over in place and is ours from then on', async () => {
  await createSecret('patched', {
    metadata: { annotations: { 'app.kubernetes.io/managed-by': 'imagepullsecret-patcher' } },
  });
  const before = await copyIn('patched');

  await sync();

  const copy = await copyIn('patched');
  assert.equal(copy.metadata?.uid, before.metadata?.uid);
  assert.equal(loginIn(copy), `robot:${password}`);
  assert.equal(copy.metadata?.annotations?.['pullsecret-sync.io/owner'], `${releaseNamespace}/pullsecret-sync/patched`);
  assert.equal(copy.metadata?.annotations?.['pullsecret-sync.io/adopted'], undefined);
});

const label = { 'app.kubernetes.io/managed-by': 'pullsecret-sync' };
const never: Array<[what: string, metadata: object, owner: RegExp]> = [
  [
    'of another release of ours',
    { labels: label, annotations: { 'pullsecret-sync.io/owner': 'other/release/of-another-release' } },
    /the release other\/release/,
  ],
  [
    'of a Helm release',
    { labels: { 'app.kubernetes.io/managed-by': 'Helm' }, annotations: { 'meta.helm.sh/release-name': 'shop' } },
    /the Helm release shop/,
  ],
];
for (const [what, metadata, owner] of never) {
  test(`a Secret ${what} is never touched, with onConflict: adopt either, and its owner is named`, async () => {
    const namespace = what
      .toLowerCase()
      .replaceAll(' ', '-')
      .replace(/^of-(.*?)-of-ours$/, 'of-$1');
    await createSecret(namespace, { metadata });
    const before = await copyIn(namespace);

    const { code, events } = await sync({ onConflict: 'adopt' });

    assert.equal(code, 0);
    assert.deepEqual(await copyIn(namespace), before);
    assert.match(String(events.find((event) => event.namespace === namespace)?.owner), owner);
  });
}

test('a second run after adopting makes no write', async () => {
  await sync({ onConflict: 'adopt' });

  assert.deepEqual(await cluster.writesOfJob(() => sync({ onConflict: 'adopt' })), []);
});

test('a copy that was exported and applied elsewhere is not taken for ours', async () => {
  const annotations = { 'pullsecret-sync.io/owner': `${releaseNamespace}/pullsecret-sync/default` };
  await createSecret('exported', { metadata: { labels: label, annotations } });
  const before = await copyIn('exported');

  await sync();

  assert.deepEqual(await copyIn('exported'), before);
});

test('a release that follows another one takes its copies over, in place', async () => {
  const annotations = { 'pullsecret-sync.io/owner': 'old/name/followed' };
  await createSecret('followed', { metadata: { labels: label, annotations } });
  const before = await copyIn('followed');

  await sync({}, { previousReleases: ['old/name'] });

  const copy = await copyIn('followed');
  assert.equal(copy.metadata?.uid, before.metadata?.uid);
  assert.equal(
    copy.metadata?.annotations?.['pullsecret-sync.io/owner'],
    `${releaseNamespace}/pullsecret-sync/followed`,
  );
});

test('a release that follows another one takes its references over, and so can take them out', async () => {
  await cluster.createNamespaces('referred');
  const patch = {
    metadata: { annotations: { 'pullsecret-sync.io/added': `old/name:${secretName}` } },
    imagePullSecrets: [{ name: 'theirs' }, { name: secretName }],
  };
  const args = ['patch', 'serviceaccount', 'default', '-n', 'referred', '--type=merge', '-p', JSON.stringify(patch)];
  await cluster.kubectl(args);
  const added = async () =>
    (await cluster.get<V1ServiceAccount>('serviceaccount', 'default', '-n', 'referred')).metadata?.annotations?.[
      'pullsecret-sync.io/added'
    ];

  await sync({}, { previousReleases: ['old/name'] });

  assert.equal(await added(), `${releaseNamespace}/pullsecret-sync:${secretName}`);
  assert.deepEqual(await cluster.pullSecretsOf('referred'), ['theirs', secretName]);

  await sync({ namespaces: { exclude: ['referred'] } });

  assert.equal(await added(), undefined);
  assert.deepEqual(await cluster.pullSecretsOf('referred'), ['theirs']);
});

for (const [what, dataOf] of [
  ['with other credentials', () => ({ '.dockerconfigjson': 'e30=' })],
  ['that happens to hold the same', ({ content }: SecretContent) => ({ '.dockerconfigjson': content })],
] as const) {
  test(`a Secret ${what} that appears between observation and write is kept and reported`, async () => {
    const namespace = `raced-${what.split(' ').at(-1)}`;
    await cluster.createNamespaces(namespace);
    await using engine = await engineInProcess(cluster.controlPlane.kubeconfig);
    const { real, deps } = engine;
    const config = parseConfig(await readFile(await cluster.writeConfig({}), 'utf8'), 'the test');
    // The job itself, with somebody who is quicker between its look and its write.
    const quicker: Cluster = {
      ...real,
      async createSecret(secret) {
        if (secret.namespace === namespace) await putSecret(namespace, dataOf(secret));
        return real.createSecret(secret);
      },
    };

    const { placements } = await run({ ...deps, cluster: quicker, readConfig: async () => config });

    const outcome = placements.find((placement) => placement.namespace === namespace);
    assert.deepEqual(outcome?.conflicts, [{ kind: 'keptSecret', owner: 'kubectl-create', adoptable: true }]);
    assert.equal(outcome?.failure, undefined);
    const { metadata } = await copyIn(namespace);
    assert.deepEqual([metadata?.labels, metadata?.annotations], [undefined, undefined]);
    assert.deepEqual(await cluster.pullSecretsOf(namespace), []);
  });
}

test('a second run after taking over makes no write', async () => {
  const again = { previousReleases: ['old/name'] };
  await sync({}, again);

  assert.deepEqual(await cluster.writesOfJob(() => sync({}, again)), []);
});

test('a copy that somebody edited is put right again', async () => {
  const edit = JSON.stringify({ data: { '.dockerconfigjson': 'e30=' } });
  await cluster.kubectl(['patch', 'secret', secretName, '-n', 'followed', '--type=merge', '-p', edit]);

  await sync();

  assert.equal(loginIn(await copyIn('followed')), `robot:${password}`);
});
