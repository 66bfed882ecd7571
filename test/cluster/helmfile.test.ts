import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { version } from '../../job/src/version.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { password, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;
const login = { REGISTRY_SERVER: 'registry.example.com', REGISTRY_USERNAME: 'robot', REGISTRY_PASSWORD: password };
// No pod runs here.
const offSchedule = ['--set', 'suspend=true,runOnInstall.enabled=false,verifyCredentials=off,cleanupOnUninstall=false'];

before(async () => {
  cluster = await startTestCluster();
});
after(() => cluster[Symbol.asyncDispose]());

async function revisions(): Promise<string[]> {
  const list = await cluster.kubectl(['get', 'secrets', '-n', 'registry-access', '-l', 'owner=helm', '-o', 'name']);
  return list.split('\n').filter(Boolean);
}

function assertNoSecret(output: string): void {
  assert.doesNotMatch(output, /s3cr3t|w\\ord|czNjcjN0/);
}

for (const variable of Object.keys(login)) {
  test(`a missing ${variable} is named before anything is changed, and nothing else is shown`, async () => {
    const env = { ...login, [variable]: undefined };

    await assert.rejects(cluster.helmfile(['sync'], env), (error: { stdout: string; stderr: string }) => {
      assert.match(error.stderr, new RegExp(`${variable}.*is not set`));
      assertNoSecret(error.stdout + error.stderr);
      return true;
    });
    assert.deepEqual(await revisions(), []);
  });
}

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
for (const [variable, image] of [
  ['registry.example.com/sync:1.2', 'registry.example.com/sync:1.2'],
  ['registry.example.com/sync', `registry.example.com/sync:${version}`],
  ['registry.example.com:5000/sync', `registry.example.com:5000/sync:${version}`],
  [`registry.example.com/sync@${digest}`, `registry.example.com/sync@${digest}`],
  [`registry.example.com:5000/sync:1.2@${digest}`, `registry.example.com:5000/sync@${digest}`],
] as const) {
  test(`the job's image may be named ${variable}`, async () => {
    const manifests = await cluster.helmfile(['template', '--quiet'], { ...login, PULLSECRET_SYNC_IMAGE: variable });

    assert.ok(manifests.includes(` image: "${image}"\n`));
  });
}

test('lint is content and shows no secret', async () => {
  assertNoSecret(await cluster.helmfile(['lint'], login));
});

test('apply installs, and says which helm-diff it used', async (context) => {
  const output = await cluster.helmfile(['apply', '--suppress-secrets', ...offSchedule], login);

  context.diagnostic(`helmfile apply ran with ${cluster.helmDiff}`);
  assertNoSecret(output);
  assert.equal((await revisions()).length, 1);
});

test('apply changes nothing where nothing changed', async () => {
  await cluster.helmfile(['apply', '--suppress-secrets', ...offSchedule], login);

  assert.equal((await revisions()).length, 1);
});

test('diff tells a rotation by its exit code, shows no secret and changes nothing', async () => {
  const rotated = { ...login, REGISTRY_PASSWORD: uniquePassword('rotated-s3cr3t') };

  await assert.rejects(
    cluster.helmfile(['diff', '--detailed-exitcode', '--suppress-secrets', ...offSchedule], rotated),
    (error: { code: number; stdout: string; stderr: string }) => {
      assert.equal(error.code, 2);
      assertNoSecret(error.stdout + error.stderr);
      return true;
    },
  );
  assert.equal((await revisions()).length, 1);
});

test('apply rolls a rotation out', async () => {
  const rotated = { ...login, REGISTRY_PASSWORD: uniquePassword('rotated-s3cr3t') };

  assertNoSecret(await cluster.helmfile(['apply', '--suppress-secrets', ...offSchedule], rotated));

  assert.equal((await revisions()).length, 2);
});

test('an error of the chart shows no secret', async () => {
  const broken = { ...login, REGISTRY_USERNAME: 'a:b' };

  await assert.rejects(cluster.helmfile(['sync'], broken), (error: { stdout: string; stderr: string }) => {
    assert.match(error.stdout + error.stderr, /registries\.main\.username has a colon in it/);
    assertNoSecret(error.stdout + error.stderr);
    return true;
  });
});

test('destroy removes the release, and needs no credentials for it', async () => {
  assertNoSecret(await cluster.helmfile(['destroy'], {}));

  assert.deepEqual(await revisions(), []);
});
