import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { KubernetesObject } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { goModule } from '../../scripts/go-module.ts';
import { uniqueLogin } from '../support/leaks/unique-password.ts';
import { documented, sectionBlocks } from '../support/page.ts';
import { startShell } from '../support/shell.ts';
import { offSchedule, type TestRelease, testRelease, workingChart } from './release.ts';
import { loginIn, releaseNamespace, startTestCluster, type TestCluster } from './support.ts';

interface ExternalSecret extends KubernetesObject {
  spec: { data: object[]; target: { name: string } };
}

let cluster: TestCluster;
let release: TestRelease;
const store = { name: 'vault' };
const values = {
  ...offSchedule,
  externalSecret: { secretStoreRef: store, remoteRef: { key: 'registry', property: 'config' } },
  profiles: {
    special: {
      namespaces: { include: ['special'] },
      externalSecret: {
        secretStoreRef: { ...store, kind: 'ClusterSecretStore' },
        remoteRef: { key: 'special', version: '2', decodingStrategy: 'Base64' },
        refreshInterval: '5m',
      },
    },
  },
};

before(async () => {
  cluster = await startTestCluster();
  release = testRelease(cluster, { namespace: releaseNamespace });
  await cluster.createNamespaces('team-a', 'special');
});
after(() => cluster[Symbol.asyncDispose]());

test('without the operator, helm says which kind the cluster does not know, and makes nothing', async () => {
  await assert.rejects(release.upgrade(workingChart, values), ({ stderr }: { stderr: string }) => {
    assert.match(stderr, /no matches for kind "ExternalSecret" in version "external-secrets\.io\/v1"/);
    assert.match(stderr, /ensure CRDs are installed first/);
    return true;
  });
  assert.deepEqual(await cluster.list('serviceaccounts', '-n', releaseNamespace, '-l', 'helm.sh/chart'), []);
});

suite("with the operator's resource definitions", () => {
  before(async () => {
    const definition = 'config/crds/bases/external-secrets.io_externalsecrets.yaml';
    const file = join(await goModule('external-secrets'), definition);
    await cluster.kubectl(['apply', '--server-side', '-f', file]);
    await cluster.kubectl(['wait', '--for=condition=Established', '-f', file, '--timeout=60s']);
    await cluster.install(values);
  });

  test('each ExternalSecret is accepted as it is rendered, and no field of it is unknown', async () => {
    const rendered = await renderedExternalSecrets();

    assert.deepEqual(
      rendered.map(({ metadata }) => metadata?.name),
      ['pullsecret-sync-special-external', 'pullsecret-sync-external'],
    );
    for (const one of rendered) {
      const { spec } = await externalSecret(one.metadata?.name ?? '');
      assert.partialDeepStrictEqual(spec, one.spec);
      assert.deepEqual(spec.data, one.spec.data);
    }
  });

  test('a run waits for the Secrets that the operator makes late, and goes on with them', async () => {
    const asked = Promise.all(
      ['pullsecret-sync-external', 'pullsecret-sync-special-external'].map((name) =>
        cluster.untilJobAsks('get', 'secrets', name),
      ),
    );
    const ended = cluster.job(['sync']);
    await asked;
    await operate('pullsecret-sync-external', uniqueLogin('late'));
    await operate('pullsecret-sync-special-external', uniqueLogin('special'));

    const { code, output } = await ended;

    assert.equal(code, 0, output);
    assert.deepEqual(await logins(), { 'team-a': uniqueLogin('late'), special: uniqueLogin('special') });
  });

  test('what the operator rotates is rotated in place', async () => {
    const before = await uids();
    await operate('pullsecret-sync-external', uniqueLogin('rotated'));

    const { code, output } = await cluster.job(['sync']);

    assert.equal(code, 0, output);
    assert.deepEqual(await logins(), { 'team-a': uniqueLogin('rotated'), special: uniqueLogin('special') });
    assert.deepEqual(await uids(), before);
  });

  test('the ExternalSecret of the page for tokens that live for hours is one that the operator takes', async () => {
    const [text] = sectionBlocks('chart/pages/vaults.md', 'Tokens that live for hours', 'yaml');

    await cluster.kubectl(['create', '--dry-run=server', '--validate=strict', '-f', '-'], text);
  });

  test('the command of the page asks the operator to look at once, by an annotation that is another one each time', async () => {
    const { kubeconfig, directory } = cluster.controlPlane;
    const shell = await startShell(kubeconfig, directory);
    const before = await externalSecret('pullsecret-sync-external');

    await shell(documented('chart/pages/vaults.md', 'External Secrets'));

    const { metadata } = await externalSecret('pullsecret-sync-external');
    assert.match(metadata?.annotations?.['force-sync'] ?? '', /^\d{10}$/);
    assert.notEqual(metadata?.resourceVersion, before.metadata?.resourceVersion);
  });

  test('an upgrade leaves what the operator made', async () => {
    const name = 'pullsecret-sync-external';
    const before = await cluster.get<KubernetesObject>('secret', name, '-n', releaseNamespace);

    await cluster.install({ ...values, concurrency: 8 });

    assert.deepEqual(await cluster.get('secret', name, '-n', releaseNamespace), before);
  });
});

async function renderedExternalSecrets(): Promise<ExternalSecret[]> {
  const manifest = await release.helm(['get', 'manifest', 'pullsecret-sync']);
  return parseAllDocuments(manifest)
    .map((document) => document.toJS())
    .filter((object) => object?.kind === 'ExternalSecret');
}

function externalSecret(name: string): Promise<ExternalSecret> {
  return cluster.get<ExternalSecret>('externalsecrets.external-secrets.io', name, '-n', releaseNamespace);
}

/** Writes what the operator writes for an ExternalSecret, under its name and with its marks. */
async function operate(name: string, login: string): Promise<void> {
  const { apiVersion, kind, metadata, spec } = await externalSecret(name);
  const config = { auths: { 'registry.example.com': { auth: Buffer.from(login).toString('base64') } } };
  const owner = { apiVersion, kind, name, uid: metadata?.uid, controller: true, blockOwnerDeletion: true };
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: spec.target.name,
      namespace: releaseNamespace,
      labels: { 'reconcile.external-secrets.io/managed': 'true', 'reconcile.external-secrets.io/created-by': 'hash' },
      annotations: { 'reconcile.external-secrets.io/data-hash': 'hash' },
      ownerReferences: [owner],
    },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(JSON.stringify(config)).toString('base64') },
  };
  const manager = `--field-manager=externalsecrets.external-secrets.io/${name}`;
  await cluster.kubectl(['apply', '--server-side', manager, '-f', '-'], JSON.stringify(secret));
}

async function logins(): Promise<Record<string, string>> {
  const copies = await cluster.copies();
  return Object.fromEntries(
    ['team-a', 'special'].map((namespace) => {
      const copy = copies.get(namespace);
      assert.ok(copy, namespace);
      return [namespace, loginIn(copy)];
    }),
  );
}

async function uids(): Promise<Array<string | undefined>> {
  return [...(await cluster.copies()).values()].map(({ metadata }) => metadata?.uid);
}
