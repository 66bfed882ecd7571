import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { V1Secret } from '@kubernetes/client-node';
import { createNamespace } from '../../scripts/cluster/workloads.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { caConfigMap, type HttpsFront, startHttpsFront } from './https-front.ts';
import { chart, imageValues, password, releaseNamespace, startTestCluster, type TestCluster } from './support.ts';

const host = 'registry.example.com';
const teams = ['team-a', 'team-b'];
const here = ['-n', releaseNamespace];
const started = new AsyncDisposableStack();

let cluster: TestCluster;
let front: HttpsFront;

before(async () => {
  cluster = started.use(await startTestCluster());
  const { registry, controlPlane } = cluster.cluster;
  front = started.use(await startHttpsFront([registry], controlPlane.directory));
  for (const namespace of [releaseNamespace, ...teams]) await createNamespace(cluster.kubectl, namespace);
  await cluster.apply(caConfigMap(releaseNamespace, front));
});
after(() => started.disposeAsync());

function release(secret: string, ...more: string[]): Promise<string> {
  const values = {
    ...front.values,
    registries: { main: { server: host, username: 'robot', password: secret } },
  };
  const json = Object.entries(values).flatMap(([key, value]) => ['--set-json', `${key}=${JSON.stringify(value)}`]);
  // What comes last counts, but "--set-json" counts less than "--set".
  const enforced = [...imageValues, '--set', 'verifyCredentials=enforce', ...json];
  return cluster.helm('upgrade', '--install', 'pullsecret-sync', chart, ...here, ...enforced, ...more);
}

async function secretIn(namespace: string, name: string): Promise<V1Secret> {
  return JSON.parse(await cluster.kubectl('get', 'secret', name, '-n', namespace, '-o', 'json'));
}

/** The source and the copies, with their versions. */
function secrets(): Promise<V1Secret[]> {
  return Promise.all([
    secretIn(releaseNamespace, 'pullsecret-sync-source'),
    ...teams.map((team) => secretIn(team, 'image-pull-secret')),
  ]);
}

/** An image that no node has pulled yet, in a new pod of each team. */
async function everyTeamPulls(name: string): Promise<void> {
  await cluster.pushApp('registry', `team/${name}:1`);
  for (const team of teams) await cluster.createPod(team, name, `${host}/team/${name}:1`);
  for (const team of teams) await cluster.untilPodRuns(team, name);
}

async function hookLeft(): Promise<string> {
  return cluster.kubectl('get', 'jobs,secrets', ...here, '-l', 'app.kubernetes.io/component=verify', '-o', 'name');
}

test('an install with a wrong password fails with what the registry answers, and changes nothing', async () => {
  // The image has to come to the node some other way than by the password that is wrong.
  await cluster.kubectl(
    'create',
    'secret',
    'docker-registry',
    'for-the-image',
    ...here,
    `--docker-server=${host}`,
    '--docker-username=robot',
    `--docker-password=${password}`,
  );

  await assert.rejects(
    release(uniquePassword('not the right one'), '--set', 'imagePullSecrets={for-the-image}'),
    refused('install'),
  );

  assert.equal(
    await cluster.kubectl(
      'get',
      'cronjobs,clusterroles',
      ...here,
      '-l',
      'app.kubernetes.io/instance=pullsecret-sync',
      '-o',
      'name',
    ),
    '',
  );
  assert.equal(await hookLeft(), '');
  await cluster.helm('uninstall', 'pullsecret-sync', ...here, '--no-hooks');
});

test('the right one goes through, and every pod pulls', async (context) => {
  const begin = performance.now();

  await release(password);

  context.diagnostic(`helm took ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  await everyTeamPulls('first');
  assert.equal(await hookLeft(), '');
});

test('an upgrade with a wrong password fails with what the registry answers, and every pod goes on pulling', async () => {
  const before = await secrets();

  await assert.rejects(release(uniquePassword('not the right one')), refused('upgrade'));

  assert.deepEqual(await secrets(), before);
  assert.equal(await hookLeft(), '');
  await everyTeamPulls('second');
});

test('an upgrade with the same credentials asks nobody', async () => {
  await release(password, '--set', 'runOnInstall.enabled=false');

  assert.doesNotMatch(await cluster.helm('get', 'hooks', 'pullsecret-sync', ...here), /pullsecret-sync-verify/);
});

test('a rotation with the right password goes through', async () => {
  await cluster.cluster.registry.setPassword(uniquePassword('the next one'));

  await release(uniquePassword('the next one'));

  await everyTeamPulls('third');
});

/** Helm's error has the registry's words in it, and no password. */
function refused(command: 'install' | 'upgrade') {
  return ({ stdout, stderr }: { stdout: string; stderr: string }): boolean => {
    assert.match(stderr, new RegExp(`pre-${command}`));
    assert.match(
      stdout + stderr,
      /the registry registry\.example\.com refuses the login in file \S+: 401 UNAUTHORIZED/,
    );
    assert.doesNotMatch(stdout + stderr, /not the right one/);
    return true;
  };
}
