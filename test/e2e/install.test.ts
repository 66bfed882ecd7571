import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { createNamespace, untilNothingPulls, untilReached } from '../../scripts/cluster/workloads.ts';
import { packageChart } from '../../scripts/package-chart.ts';
import { tool } from '../../scripts/tools.ts';
import { outOfMemory, uncaught, whenPasswordIsHeld } from '../support/crash.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { documented } from '../support/page.ts';
import { startShell } from '../support/shell.ts';
import {
  chart,
  credentials,
  images,
  imageValues,
  password,
  releaseNamespace,
  startTestCluster,
  type TestCluster,
} from './support.ts';

let cluster: TestCluster;
const teams = ['team-a', 'team-b', 'team-c'];

before(async () => {
  cluster = await startTestCluster();
  for (const namespace of [...teams, 'second', 'waiting']) await createNamespace(cluster.kubectl, namespace);
  // What runs in it has to bear the strictest of the standard policies.
  await createNamespace(cluster.kubectl, releaseNamespace);
  await cluster.kubectl('label', 'namespace', releaseNamespace, 'pod-security.kubernetes.io/enforce=restricted');
});
after(() => cluster[Symbol.asyncDispose]());

function upgrade(secret: string, ...more: string[]): Promise<string> {
  return cluster.helm(
    'upgrade',
    'pullsecret-sync',
    chart,
    '-n',
    releaseNamespace,
    ...imageValues,
    ...credentials(secret),
    ...more,
  );
}

async function rotateRegistries(secret: string): Promise<void> {
  await cluster.cluster.registry.setPassword(secret);
  await cluster.cluster.dockerHub.setPassword(secret);
}

test('without credentials a private image runs nowhere', async () => {
  await cluster.createPod('team-a', 'early', images.registry);

  await untilNothingPulls(cluster.kubectl, 'team-a');
});

test('one helm install lets pods of both registries run in every namespace', async () => {
  await cluster.helm(
    'install',
    'pullsecret-sync',
    chart,
    '-n',
    releaseNamespace,
    ...imageValues,
    ...credentials(password),
  );

  for (const team of teams) {
    await cluster.createPod(team, 'from-registry', images.registry);
    await cluster.createPod(team, 'from-docker-hub', images.dockerHub);
  }
  for (const team of teams) {
    await cluster.untilPodRuns(team, 'from-registry');
    await cluster.untilPodRuns(team, 'from-docker-hub');
  }
});

test('a Deployment that is made together with its namespace runs, with no hand and no restart', async () => {
  const labels = { app: 'eager' };
  const container = { name: 'app', image: images.registry };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'eager', namespace: 'eager' },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
  };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'eager' } };

  await cluster.apply(namespace, deployment);

  // The admission policy gives the reference when the ServiceAccount is made, the next scheduled run gives the copy.
  await untilReached(cluster.kubectl, 'eager', 'image-pull-secret');
  await cluster.kubectl('rollout', 'status', 'deployment/eager', '-n', 'eager', '--timeout=180s');
  const { items }: { items: V1Pod[] } = JSON.parse(await cluster.kubectl('get', 'pods', '-n', 'eager', '-o', 'json'));
  assert.equal(items.length, 1);
  assert.deepEqual(items[0]?.spec?.imagePullSecrets, [{ name: 'image-pull-secret' }]);
  assert.equal(items[0]?.status?.containerStatuses?.[0]?.restartCount, 0);
});

for (const [name, how, happens, flags, told] of [
  ['uncaught', 'by an error that nobody catches', uncaught, '', /"message":"pullsecret-sync failed unexpectedly"/],
  ['out-of-memory', 'out of memory', outOfMemory, '--max-old-space-size=30', /JavaScript heap out of memory/],
] as const) {
  // That it shows none is looked at when the cluster ends: logs of pods, their states, and Events.
  test(`a run that dies ${how} in its pod says so, and shows no password that it holds`, async () => {
    const place = ['-n', releaseNamespace];
    const asScheduled = ['--from=cronjob/pullsecret-sync', '--dry-run=client', '-o', 'json'];
    const job: V1Job = JSON.parse(await cluster.kubectl('create', 'job', name, ...place, ...asScheduled));
    const spec = job.spec?.template.spec;
    const NODE_OPTIONS = `${flags} --import=${whenPasswordIsHeld(happens)}`;
    for (const { env } of spec?.containers ?? []) env?.push({ name: 'NODE_OPTIONS', value: NODE_OPTIONS });
    Object.assign(job.spec ?? {}, { backoffLimit: 0 });

    await cluster.apply(job);

    await cluster.kubectl('wait', '--for=condition=Failed', `job/${name}`, ...place, '--timeout=90s');
    assert.match(await cluster.kubectl('logs', `job/${name}`, ...place), told);
    await cluster.kubectl('delete', 'job', name, ...place);
  });
}

test('helm test passes where all is in line, and fails where something is missing', async () => {
  const check = () => cluster.helm('test', 'pullsecret-sync', '-n', releaseNamespace);
  const suspend = (value: boolean) =>
    cluster.kubectl(
      'patch',
      'cronjob',
      'pullsecret-sync',
      '-n',
      releaseNamespace,
      '-p',
      `{"spec":{"suspend":${value}}}`,
    );
  await check();
  await suspend(true);
  await cluster.kubectl('delete', 'secret', 'image-pull-secret', '-n', 'team-a');

  await assert.rejects(check(), /pullsecret-sync-check/);

  await suspend(false);
});

test('an excluded namespace cannot run the image, though it is on the node', async () => {
  await createNamespace(cluster.kubectl, 'outside', { 'pullsecret-sync.io/exclude': 'true' });
  // A proxy that nobody serves: the API server is never asked through it.
  await upgrade(password, '--set', 'proxy.https=http://proxy.invalid:3128');

  await cluster.createPod('outside', 'app', images.registry);

  await untilNothingPulls(cluster.kubectl, 'outside');
});

test('after a rotation and an upgrade a pod that has to pull anew can, and one that waited heals by itself', async () => {
  await rotateRegistries(uniquePassword('rotated-s3cr3t'));
  await cluster.pushApp('registry', 'team/other:1');
  await cluster.createPod('waiting', 'before-upgrade', 'registry.example.com/team/other:1');
  await untilNothingPulls(cluster.kubectl, 'waiting');

  await upgrade(uniquePassword('rotated-s3cr3t'));

  await cluster.untilPodRuns('waiting', 'before-upgrade');
  await cluster.pushApp('registry', 'team/other:2');
  await cluster.createPod('team-a', 'after-upgrade', 'registry.example.com/team/other:2');
  await cluster.untilPodRuns('team-a', 'after-upgrade');
});

test('a wrong password that is repaired later recovers by itself, the image of the job being private too', async () => {
  await upgrade(uniquePassword('wrong'));

  await upgrade(uniquePassword('rotated-s3cr3t'));

  await cluster.pushApp('dockerHub', 'team/other:3');
  await cluster.createPod('team-b', 'repaired', 'docker.io/team/other:3');
  await cluster.untilPodRuns('team-b', 'repaired');
});

test('a rollback runs the job too', async () => {
  await rotateRegistries(password);

  await cluster.helm('rollback', 'pullsecret-sync', '1', '-n', releaseNamespace);

  await cluster.pushApp('registry', 'team/other:4');
  await cluster.createPod('team-c', 'rolled-back', 'registry.example.com/team/other:4');
  await cluster.untilPodRuns('team-c', 'rolled-back');
});

test('an install whose sources cannot be used fails with the reason in its error', async () => {
  await cluster.kubectl(
    'create',
    'secret',
    'generic',
    'broken',
    '-n',
    'second',
    '--type=kubernetes.io/dockerconfigjson',
    '--from-literal=.dockerconfigjson={"auths":{}}',
  );
  const args = [
    '-n',
    'second',
    ...imageValues,
    '--set',
    'existingSecrets={broken},secretName=second-pull-secret,imagePullSecrets={image-pull-secret}',
  ];

  await assert.rejects(cluster.helm('install', 'second', chart, ...args), (error: { stderr: string }) => {
    assert.match(error.stderr, /Secret second\/broken has no .*auths.* with credentials/);
    return true;
  });
});

suite('a chart that was pushed to an OCI registry', () => {
  for (const [name, which] of [
    ['third', 'helm3'],
    ['fourth', 'helm'],
  ] as const) {
    test(`is installed from there, and uninstalled with all it made, by ${which === 'helm' ? 'Helm 4' : 'Helm 3'}`, async () => {
      const { registry, controlPlane } = cluster.cluster;
      const { kubeconfig, directory } = controlPlane;
      const config = join(await registry.login(), 'config.json');
      const env = { REGISTRY_PASSWORD: password, HELM_REGISTRY_CONFIG: config };
      const place = await mkdtemp(join(directory, 'reader-'));
      const shell = await startShell(kubeconfig, place, { programs: { helm: await tool(which) }, env });
      const here = (commands: string) =>
        commands
          .trim()
          .replace('ghcr.io/pullsecret-sync', registry.address)
          .replace('pullsecret-sync', name)
          .replaceAll(releaseNamespace, name);
      const archive = await packageChart(chart, directory, new Date(0));
      await shell(`helm push ${archive} oci://${registry.address}/charts --plain-http`);
      const flags = ['--plain-http', ...imageValues, '--set', `secretName=${name}-pull-secret`];

      await shell(`${here(documented('chart/README.md', 'Install', 'helm install'))} ${flags.join(' ')}`);

      const path = 'jsonpath={.metadata.annotations}';
      const copy = await cluster.kubectl('get', 'secret', `${name}-pull-secret`, '-n', 'team-a', '-o', path);
      assert.match(copy, new RegExp(`${name}/${name}/team-a`));
      await shell(
        here(
          documented('chart/README.md', 'Uninstall', 'helm uninstall pullsecret-sync --namespace registry-access\n'),
        ),
      );
      const byName = [`--field-selector=metadata.name=${name}-pull-secret`, '-o', 'name'];
      assert.equal(await cluster.kubectl('get', 'secrets', '-A', ...byName), '');
    });
  }
});
