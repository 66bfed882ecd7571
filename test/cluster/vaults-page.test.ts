import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import type { KubernetesObject, V1Secret } from '@kubernetes/client-node';
import { goModule } from '../../scripts/go-module.ts';
import { tool } from '../../scripts/tools.ts';
import { uniqueLogin, uniquePassword } from '../support/leaks/unique-password.ts';
import { sectionBlocks, sectionValues } from '../support/page.ts';
import { loginIn, password, releaseNamespace, sourceSecret, startTestCluster, type TestCluster } from './support.ts';

const run = promisify(execFile);

let cluster: TestCluster;

before(async () => {
  cluster = await startTestCluster();
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
    await cluster.install({ ...(await sectionValues('vaults.md', 'SealedSecrets')), namespaces });
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
  const section = 'A single namespace';

  async function shell(script: string, secret: string): Promise<void> {
    const kubectl = await tool('kubectl');
    assert.equal(basename(kubectl), 'kubectl');
    const PATH = `${dirname(kubectl)}:${process.env.PATH}`;
    const { kubeconfig, directory } = cluster.controlPlane;
    const env = { PATH, HOME: directory, KUBECONFIG: kubeconfig, REGISTRY_PASSWORD: secret };
    await run('sh', ['-ec', script], { env });
  }

  const made = () => cluster.get<V1Secret>('secret', 'registry-credentials', '-n', 'team-a');

  test('has commands for a single namespace that work, and rotate in place', async () => {
    const [create = '', rotate = ''] = await sectionBlocks('when-not.md', section, 'sh');
    await cluster.kubectl(['patch', 'serviceaccount', 'default', '-n', 'team-a', '-p', '{"imagePullSecrets":null}']);

    await shell(create, password);
    const first = await made();
    await shell(rotate, uniquePassword('the next one'));
    const second = await made();

    assert.deepEqual(await cluster.pullSecretsOf('team-a'), ['registry-credentials']);
    assert.equal(loginIn(first), `robot:${password}`);
    assert.equal(loginIn(second), uniqueLogin('the next one'));
    assert.equal(second.metadata?.uid, first.metadata?.uid);
  });
});
