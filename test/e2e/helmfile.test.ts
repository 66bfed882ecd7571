import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { jobImage } from '../../scripts/cluster/job-image.ts';
import { createNamespace } from '../../scripts/cluster/workloads.ts';
import { type Helmfile, helmfileFor } from '../support/helmfile.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { documented } from '../support/page.ts';
import { images, password, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;
let helmfile: Helmfile;
const rotated = uniquePassword('r0tated', ',p@ss"w\\ord');

before(async () => {
  cluster = await startTestCluster();
  const { kubeconfig, directory } = cluster.cluster.controlPlane;
  helmfile = await helmfileFor(kubeconfig, directory);
  for (const namespace of ['team-a', 'team-b']) await createNamespace(cluster.kubectl, namespace);
});
after(() => cluster[Symbol.asyncDispose]());

function login(secret: string): NodeJS.ProcessEnv {
  const auth = Buffer.from(`robot:${secret}`).toString('base64');
  const auths = { 'registry.example.com': { auth }, 'https://index.docker.io/v1/': { auth } };
  return { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }), PULLSECRET_SYNC_IMAGE: jobImage };
}

function assertNoSecret(output: string): void {
  for (const secret of [password, rotated]) {
    const encoded = Buffer.from(`robot:${secret}`).toString('base64');
    for (const trace of [secret, JSON.stringify(secret).slice(1, -1), encoded, Buffer.from(encoded).toString('base64')])
      assert.equal(output.includes(trace), false, 'it shows the password');
  }
}

test('lint and template are content with credentials from the environment alone', async () => {
  assertNoSecret(await helmfile.run(['lint'], login(password)));

  assert.match(await helmfile.run(['template', '--quiet'], login(password)), /^kind: CronJob$/m);
});

test('sync installs, its run lets pods of both registries run, and nothing secret is shown', async () => {
  assertNoSecret(await helmfile.shell(documented('README.md', 'Install', 'helmfile'), login(password)));

  await cluster.createPod('team-a', 'from-registry', images.registry);
  await cluster.createPod('team-b', 'from-docker-hub', images.dockerHub);
  await cluster.untilPodRuns('team-a', 'from-registry');
  await cluster.untilPodRuns('team-b', 'from-docker-hub');
});

test('apply, the second of the page on helmfile, rolls a rotation out, and says which helm-diff it used', async (context) => {
  const [sync, apply = ''] = documented('chart/pages/helmfile.md', 'helmfile, from CI').split('\n');
  assert.equal(sync, documented('README.md', 'Install', 'helmfile').trim());
  await cluster.cluster.registry.setPassword(rotated);
  await cluster.cluster.dockerHub.setPassword(rotated);
  await cluster.pushApp('registry', 'team/new:1');

  assertNoSecret(await helmfile.shell(apply, login(rotated)));

  context.diagnostic(`helmfile apply ran with ${helmfile.helmDiff}`);
  await cluster.createPod('team-b', 'rotated', 'registry.example.com/team/new:1');
  await cluster.untilPodRuns('team-b', 'rotated');
});

test('a run that fails gives its reason in the error, and nothing secret', async () => {
  const token = { 'registry.example.com': { username: 'gitlab-ci-token', password: rotated } };
  const env = { ...login(rotated), DOCKER_AUTH_CONFIG: JSON.stringify({ auths: token }) };

  await assert.rejects(
    helmfile.run(['sync', '--suppress-secrets'], env),
    (error: { stdout: string; stderr: string }) => {
      assert.match(error.stdout + error.stderr, /the login for registry\.example\.com is GitLab's job token/);
      assertNoSecret(error.stdout + error.stderr);
      return true;
    },
  );
});

test('destroy needs no credentials, and takes copies and references with it', async () => {
  assertNoSecret(await helmfile.run(['destroy'], {}));

  const byName = ['--field-selector=metadata.name=image-pull-secret', '-o', 'name'];
  assert.equal(await cluster.kubectl('get', 'secrets', '-A', ...byName), '');
  const lists = await cluster.kubectl('get', 'serviceaccounts', '-A', '-o', 'jsonpath={.items[*].imagePullSecrets}');
  assert.equal(lists, '');
});
