import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { KubernetesObject, V1Secret } from '@kubernetes/client-node';
import { generate } from 'selfsigned';
import { goModule } from '../../scripts/go-module.ts';
import { tool } from '../../scripts/tools.ts';
import { mayShowSecrets } from '../support/leaks/programs.ts';
import { uniqueLogin, uniquePassword } from '../support/leaks/unique-password.ts';
import { documented, sectionValues } from '../support/page.ts';
import { type Shell, startShell } from '../support/shell.ts';
import { loginIn, password, releaseNamespace, sourceSecret, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;
let shell: Shell;

before(async () => {
  cluster = await startTestCluster();
  const { kubeconfig, directory } = cluster.controlPlane;
  shell = await startShell(kubeconfig, directory, { programs: { kubeseal: await tool('kubeseal') } });
  await cluster.createNamespaces(releaseNamespace, 'team-a', 'team-b');
});
after(() => cluster[Symbol.asyncDispose]());

const namespaces = { include: ['team-*'] };

async function logins(): Promise<string[]> {
  return [...(await cluster.copies()).values()].map((copy) => loginIn(copy));
}

async function uids(): Promise<Array<string | undefined>> {
  return [...(await cluster.copies()).values()].map(({ metadata }) => metadata?.uid);
}

suite('a SealedSecret in the release', () => {
  before(async () => {
    const folder = join(await goModule('sealed-secrets'), 'helm', 'sealed-secrets', 'crds');
    const file = join(folder, 'bitnami.com_sealedsecrets.yaml');
    await cluster.kubectl(['apply', '--server-side', '-f', file]);
    await cluster.kubectl(['wait', '--for=condition=Established', '-f', file, '--timeout=60s']);
    await cluster.install({ ...sectionValues('chart/pages/vaults.md', 'SealedSecrets'), namespaces });
  });

  /**
   * Writes what the controller writes: the template's type, the decrypted data, and the SealedSecret as the only owner; no
   * label, no annotation. Source: sealed-secrets v0.40.0, pkg/apis/sealedsecrets/v1alpha1, Unseal, and pkg/controller, unseal.
   */
  async function unseal(login: string): Promise<void> {
    const sealed = await cluster.get<KubernetesObject & { spec: { template: { type: string } } }>(
      'sealedsecrets.bitnami.com',
      'from-git',
      '-n',
      releaseNamespace,
    );
    const { apiVersion, kind, metadata, spec } = sealed;
    const owner = { apiVersion, kind, name: 'from-git', uid: metadata?.uid, controller: true };
    const secret = {
      ...sourceSecret('from-git', login),
      metadata: { name: 'from-git', namespace: releaseNamespace, ownerReferences: [owner] },
      type: spec.template.type,
    };
    const there = await cluster.list('secrets', '-n', releaseNamespace, '--field-selector', 'metadata.name=from-git');
    await cluster.kubectl([there.length > 0 ? 'replace' : 'create', '-f', '-'], JSON.stringify(secret));
  }

  test('is what kubeseal makes by the command of the page, and the API server takes it', async () => {
    // The controller's, which kubeseal would ask it for: there is none here.
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'sealed-secrets' }], { keySize: 2048 });
    await writeFile(join(shell.folder, 'seal.crt'), cert);
    await writeFile(join(shell.folder, 'seal.key'), key);
    const env = { REGISTRY_PASSWORD: password, SEALED_SECRETS_CERT: 'seal.crt' };

    await shell(documented('chart/pages/vaults.md', 'SealedSecrets'), env);

    await shell('kubectl apply --dry-run=server --validate=strict --filename from-git.json');
    const unsealed = await mayShowSecrets('it is opened to be looked at', () =>
      shell('kubeseal --recovery-unseal --recovery-private-key seal.key < from-git.json'),
    );
    assert.equal(loginIn(JSON.parse(unsealed)), `robot:${password}`);
  });

  test('is waited for, until the controller has made its Secret', async () => {
    const asked = cluster.untilJobAsks('get', 'secrets', 'from-git');
    const ended = cluster.job(['sync']);
    await asked;
    await unseal(uniqueLogin('first'));

    const { code, output } = await ended;

    assert.equal(code, 0, output);
    assert.deepEqual(await logins(), [uniqueLogin('first'), uniqueLogin('first')]);
  });

  test('is rotated in place, when the controller writes its Secret anew', async () => {
    const before = await uids();
    await unseal(uniqueLogin('second'));

    const { code, output } = await cluster.job(['sync']);

    assert.equal(code, 0, output);
    assert.deepEqual(await logins(), [uniqueLogin('second'), uniqueLogin('second')]);
    assert.deepEqual(await uids(), before);
  });

  test('takes its Secret along when it is deleted: the copies stay, and the run says what is missing', async () => {
    await cluster.kubectl(['delete', 'sealedsecrets.bitnami.com', 'from-git', '-n', releaseNamespace]);
    // The garbage collector does the same, once it has come to know the kind, which takes it half a minute.
    await cluster.kubectl(['delete', 'secret', 'from-git', '-n', releaseNamespace]);
    const config = await cluster.writeConfig(
      { sources: [{ secret: 'from-git' }], namespaces },
      { sourceTimeout: '0s' },
    );

    const { code, output } = await cluster.job(['sync', '--config', config]);

    assert.equal(code, 1, output);
    assert.match(output, /Secret registry-access\/from-git does not exist/);
    assert.deepEqual(await logins(), [uniqueLogin('second'), uniqueLogin('second')]);
  });
});

suite('the page on when not to use it', () => {
  const made = () => cluster.get<V1Secret>('secret', 'registry-credentials', '-n', 'team-a');

  test('has commands for a single namespace that work, and rotate in place', async () => {
    const create = documented('chart/pages/when-not.md', 'A single namespace', 'kubectl patch');
    const rotate = documented('chart/pages/when-not.md', 'A single namespace', 'kubectl apply');
    await cluster.kubectl(['patch', 'serviceaccount', 'default', '-n', 'team-a', '-p', '{"imagePullSecrets":null}']);

    await shell(create, { REGISTRY_PASSWORD: password });
    const first = await made();
    await shell(rotate, { REGISTRY_PASSWORD: uniquePassword('the next one') });
    const second = await made();

    assert.deepEqual(await cluster.pullSecretsOf('team-a'), ['registry-credentials']);
    assert.equal(loginIn(first), `robot:${password}`);
    assert.equal(loginIn(second), uniqueLogin('the next one'));
    assert.equal(second.metadata?.uid, first.metadata?.uid);
  });
});
