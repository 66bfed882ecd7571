import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { V1Secret } from '@kubernetes/client-node';
import { uniqueLogin, uniquePassword } from '../support/leaks/unique-password.ts';
import { loginIn, releaseNamespace, secretName, sourceSecret, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces(releaseNamespace, 'team-a');
  await cluster.install({ existingSecrets: ['external'], sourceTimeout: '4s' });
});
after(() => cluster[Symbol.asyncDispose]());

const auth = (login: string) => Buffer.from(login).toString('base64');

async function createSource(type: string, data: Record<string, string>): Promise<void> {
  const encoded = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, auth(value)]));
  await cluster.kubectl(['delete', 'secret', 'external', '-n', releaseNamespace, '--ignore-not-found']);
  await cluster.applyObjects({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'external', namespace: releaseNamespace },
    type,
    data: encoded,
  });
}

function copies(): Promise<V1Secret[]> {
  return cluster.list<V1Secret>('secrets', '-A', '--field-selector', `metadata.name=${secretName}`);
}

describe('a source that cannot be used writes nothing', () => {
  const bad: Array<[because: string, code: number, message: RegExp, create?: () => Promise<void>]> = [
    [
      'because it is missing: waited for, then said, to be tried again',
      1,
      /Secret registry-access\/external does not exist/,
    ],
    [
      'because of its type',
      78,
      /has the type "Opaque"/,
      () => createSource('Opaque', { '.dockerconfigjson': '{"auths":{}}' }),
    ],
    [
      'because its auths are empty',
      78,
      /has no "auths"/,
      () => createSource('kubernetes.io/dockerconfigjson', { '.dockerconfigjson': '{"auths":{}}' }),
    ],
    [
      'because its password is missing',
      78,
      /registry\.example\.com has a username without a password/,
      () =>
        createSource('kubernetes.io/dockerconfigjson', {
          '.dockerconfigjson': '{"auths":{"registry.example.com":{"username":"robot"}}}',
        }),
    ],
  ];
  for (const [because, code, message, create] of bad) {
    test(because, async () => {
      await create?.();

      const result = await cluster.job(['sync']);

      assert.equal(result.code, code, result.output);
      assert.ok(
        result.events.some(({ level, message: text }) => level === 'error' && message.test(String(text))),
        result.output,
      );
      assert.deepEqual(await copies(), []);
    });
  }
});

test('a source that arrives while the run waits for it is used', async () => {
  await cluster.kubectl(['delete', 'secret', 'external', '-n', releaseNamespace, '--ignore-not-found']);
  await cluster.install({ existingSecrets: ['external'], sourceTimeout: '60s' });

  const asked = cluster.untilJobAsks('get', 'secrets', 'external');
  const result = cluster.job(['sync']);
  await asked;
  const auths = { 'registry.example.com': { auth: auth(uniqueLogin('late')) } };
  await createSource('kubernetes.io/dockerconfigjson', { '.dockerconfigjson': JSON.stringify({ auths }) });

  assert.equal((await result).code, 0);
  for (const copy of await copies()) assert.equal(loginIn(copy), uniqueLogin('late'));
});

test('a legacy source of type kubernetes.io/dockercfg becomes a copy of the current type', async () => {
  await createSource('kubernetes.io/dockercfg', {
    '.dockercfg': JSON.stringify({ 'registry.example.com': { auth: auth(uniqueLogin('legacy')) } }),
  });

  const { code } = await cluster.job(['sync']);

  assert.equal(code, 0);
  for (const copy of await copies()) {
    assert.equal(copy.type, 'kubernetes.io/dockerconfigjson');
    assert.equal(loginIn(copy), uniqueLogin('legacy'));
  }
});

test('a source that breaks later leaves every copy as it was', async () => {
  const before = await copies();
  await createSource('kubernetes.io/dockerconfigjson', { '.dockerconfigjson': '{"auths":{}}' });

  const { code } = await cluster.job(['sync']);

  assert.equal(code, 78);
  assert.deepEqual(await copies(), before);
});

test('a file is a source as good as a Secret', async () => {
  const file = join(cluster.controlPlane.directory, 'docker-config.json');
  const config = join(cluster.controlPlane.directory, 'config.yaml');
  await writeFile(
    file,
    JSON.stringify({ auths: { 'registry.example.com': { username: 'robot', password: uniquePassword('from-file') } } }),
  );
  await writeFile(
    config,
    JSON.stringify({
      release: `${releaseNamespace}/pullsecret-sync`,
      targets: [{ name: 'default', secretName, sources: [{ file }] }],
    }),
  );

  const { code, output } = await cluster.job(['sync', '--config', config]);

  assert.equal(code, 0, output);
  for (const copy of await copies()) assert.equal(loginIn(copy), uniqueLogin('from-file'));
});

test('two sources that are larger together than a Secret write nothing, and the message says by how much', async () => {
  const login = uniqueLogin('large') + 'p'.repeat(400_000);
  for (const name of ['large-a', 'large-b']) {
    await cluster.kubectl(['create', '-f', '-'], JSON.stringify(sourceSecret(name, login, `${name}.example.com`)));
  }
  await cluster.install({ existingSecrets: ['large-a', 'large-b'], secretName: 'large' });

  const { code, events } = await cluster.job(['sync']);

  assert.equal(code, 78);
  const error = events.find(({ level, target }) => level === 'error' && target === 'default');
  assert.match(String(error?.message), /have 10\d{5} bytes together, and a Secret holds 1048576 at most/);
  assert.deepEqual(await cluster.list('secrets', '-A', '--field-selector', 'metadata.name=large'), []);
});

test('a copy that is too large with the keys that others added fails its namespace alone, and says why', async () => {
  await cluster.createNamespaces('full');
  const metadata = { name: secretName, namespace: 'full' };
  const data = { '.dockerconfigjson': 'e30=', theirs: Buffer.alloc(1_048_500).toString('base64') };
  const type = 'kubernetes.io/dockerconfigjson';
  await cluster.kubectl(
    ['create', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, type, data }),
  );
  await cluster.applyObjects(
    sourceSecret('external', uniqueLogin('with-a-password-that-needs-more-than-the-bytes-left')),
  );
  await cluster.install({ existingSecrets: ['external'], onConflict: 'adopt' });

  const { code, events, output } = await cluster.job(['sync']);

  assert.equal(code, 1);
  const errors = events.filter(({ level, namespace }) => level === 'error' && namespace !== undefined);
  assert.deepEqual(
    errors.map(({ namespace }) => namespace),
    ['full'],
    output.slice(-2000),
  );
  assert.match(String(errors[0]?.message), /it is too large \(HTTP 422, FieldValueTooLong/);
  assert.match(String(errors[0]?.fix), /keys that others added to it count too/);
});
