import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { V1Secret } from '@kubernetes/client-node';
import { uniqueLogin, uniquePassword } from '../support/leaks/unique-password.ts';
import { offSchedule, type TestRelease, testRelease, workingChart } from './release.ts';
import { loginIn, password, releaseNamespace, secretName, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;
let release: TestRelease;
const teams = ['team-a', 'team-b'];

before(async () => {
  cluster = await startTestCluster();
  release = testRelease(cluster, { namespace: releaseNamespace });
  await cluster.createNamespaces(releaseNamespace, ...teams);
  await createSource('opaque', 'Opaque', { password });
  await createSource('empty', 'kubernetes.io/dockerconfigjson', { '.dockerconfigjson': '{"auths":{}}' });
  await release.upgrade(workingChart, goodValues('first'));
  assert.equal((await release.job(['sync'])).code, 0);
});
after(() => cluster[Symbol.asyncDispose]());

/** What helm itself refuses, before it changes anything. */
const refused: Array<[what: string, values: object, message: RegExp]> = [
  ['a registry without a password', registry({ password: '' }), /registries\.main\.password/],
  ['a user name with a colon', registry({ username: `a:${password}` }), /registries\.main\.username has a colon in it/],
  [
    'a server that is none',
    registry({ server: `https://robot:${password}@` }),
    /registries\.main\.server is not the name/,
  ],
  [
    'a docker config that is no JSON',
    { dockerConfigJson: `{"auths": ${password}` },
    /dockerConfigJson is not a JSON object/,
  ],
  ['no credentials at all', {}, /there are no credentials to copy/],
  ['an unknown key', { ...registry({}), dockerConfig: password }, /dockerConfig/],
];

suite('an upgrade that helm refuses', () => {
  for (const [what, values, message] of refused) {
    test(`for ${what} changes nothing, and shows no secret`, async () => {
      const before = await revision();

      await assert.rejects(upgrade(values), ({ stdout, stderr }: { stdout: string; stderr: string }) => {
        assert.match(stderr, message);
        assertNoSecret(stdout + stderr);
        return true;
      });

      assert.deepEqual(await revision(), before);
    });
  }
});

/** What only the run can find out: the code with which it ends, and why. */
const found: Array<[what: string, values: object, code: number, message: RegExp]> = [
  ['a docker config without auths', { dockerConfigJson: '{"HttpHeaders":{}}' }, 78, /has no "auths"/],
  ['a docker config of a helper', { dockerConfigJson: '{"credsStore":"desktop"}' }, 78, /in a helper \("credsStore"\)/],
  [
    'a login without a password',
    { dockerConfigJson: loginWithout('password') },
    78,
    /has a username without a password/,
  ],
  ['an existing Secret of a wrong type', { existingSecrets: ['opaque'] }, 78, /has the type "Opaque"/],
  ['an existing Secret without a login', { existingSecrets: ['empty'] }, 78, /has no "auths"/],
  ['an existing Secret that is missing', { existingSecrets: ['nowhere'] }, 1, /does not exist/],
];

suite('an upgrade whose run fails', () => {
  for (const [index, [what, values, code, message]] of found.entries()) {
    test(`for ${what} leaves every copy as it was, and the next good upgrade repairs all`, async () => {
      const before = await copies();
      // No pod runs here, so the Job ends by its deadline as one whose pod fails would.
      const failing = { ...values, runOnInstall: { enabled: true }, activeDeadlineSeconds: 1, sourceTimeout: '0s' };

      await assert.rejects(upgrade(failing), /post-upgrade hooks failed/);

      assert.equal((await revision()).status, 'failed');
      const bad = await release.job(['sync', '--tolerate-partial']);
      assert.equal(bad.code, code, bad.output);
      assert.match(bad.events.map((event) => event.message).join('\n'), message);
      assertNoSecret(bad.output);
      assert.deepEqual(await copies(), before);

      await release.upgrade(workingChart, goodValues(`good-${index}`));

      assert.equal((await revision()).status, 'deployed');
      const good = await release.job(['sync']);
      assert.equal(good.code, 0, good.output);
      const after = await copies();
      assert.deepEqual(after.map(uidOf), before.map(uidOf));
      for (const copy of after) assert.equal(loginIn(copy), uniqueLogin(`good-${index}`));
    });
  }
});

/** `helm upgrade` with these values and none of the release before. */
function upgrade(values: object): Promise<string> {
  return release.upgrade(workingChart, { ...offSchedule, ...values });
}

function registry(field: object): object {
  return { registries: { main: { server: 'registry.example.com', username: 'robot', password, ...field } } };
}

function goodValues(secret: string): object {
  return { ...offSchedule, ...registry({ password: uniquePassword(secret) }) };
}

function loginWithout(field: string): string {
  return JSON.stringify({ auths: { 'registry.example.com': { username: 'robot', password, [field]: undefined } } });
}

async function createSource(name: string, type: string, data: Record<string, string>): Promise<void> {
  const metadata = { name, namespace: releaseNamespace };
  await cluster.applyObjects({ apiVersion: 'v1', kind: 'Secret', metadata, type, stringData: data });
}

async function revision(): Promise<{ revision: string; status: string }> {
  const history = JSON.parse(await release.helm(['history', 'pullsecret-sync', '-o', 'json']));
  return history.at(-1);
}

function copies(): Promise<V1Secret[]> {
  return cluster.list<V1Secret>('secrets', '-A', '--field-selector', `metadata.name=${secretName}`);
}

const uidOf = ({ metadata }: V1Secret) => [metadata?.namespace, metadata?.uid];

function assertNoSecret(output: string): void {
  assert.doesNotMatch(output, /s3cr3t|w\\ord|czNjcjN0/);
}
