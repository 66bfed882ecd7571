import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { V1Job } from '@kubernetes/client-node';
import { bundleFile } from '../../scripts/build.ts';
import { createNamespace, untilNothingPulls } from '../../scripts/cluster/workloads.ts';
import { until } from '../../scripts/until.ts';
import { documented } from '../support/page.ts';
import { type Shell, startShell } from '../support/shell.ts';
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

const teams = ['team-a', 'team-b'];

let cluster: TestCluster;
let shell: Shell;
const here = ['-n', releaseNamespace];
const uninstall = documented('chart/pages/operating.md', 'Remove', 'helmfile destroy');

before(async () => {
  cluster = await startTestCluster();
  const { kubeconfig, directory } = cluster.cluster.controlPlane;
  shell = await startShell(kubeconfig, directory, { programs: { 'pullsecret-sync': bundleFile } });
  for (const namespace of [...teams, releaseNamespace]) await createNamespace(cluster.kubectl, namespace);
});
after(() => cluster[Symbol.asyncDispose]());

async function install(...more: string[]): Promise<void> {
  await cluster.helm(
    'upgrade',
    '--install',
    'pullsecret-sync',
    chart,
    ...here,
    ...imageValues,
    ...credentials(),
    ...more,
  );
}

/** The namespaces that hold a copy. */
async function copies(): Promise<string[]> {
  const path = 'jsonpath={.items[*].metadata.namespace}';
  const names = await cluster.kubectl(
    'get',
    'secrets',
    '-A',
    '--field-selector=metadata.name=image-pull-secret',
    '-o',
    path,
  );
  return names.split(' ').filter(Boolean);
}

/** All that is left of the release and of what it did, in words. */
async function leftovers(): Promise<string[]> {
  const kinds = 'cronjobs,jobs,pods,configmaps,secrets,serviceaccounts,roles,rolebindings';
  const policies = ['mutating', 'validating'].map((kind) => `${kind}admissionpolicies,${kind}admissionpolicybindings`);
  const clusterKinds = ['clusterroles', 'clusterrolebindings', ...policies].join(',');
  const label = '--selector=app.kubernetes.io/name=pullsecret-sync';
  const [inside, outside, accounts] = await Promise.all([
    cluster.kubectl('get', kinds, ...here, label, '-o', 'name'),
    cluster.kubectl('get', clusterKinds, label, '-o', 'name'),
    cluster.kubectl(
      'get',
      'serviceaccounts',
      '-A',
      '-o',
      'jsonpath={.items[*].imagePullSecrets}{.items[*].metadata.annotations}',
    ),
  ]);
  const status = await cluster.kubectl('get', 'configmaps', ...here, '-o', 'name');
  return [
    ...(await copies()),
    ...inside.split('\n'),
    ...outside.split('\n'),
    accounts,
    status.replace('configmap/kube-root-ca.crt', ''),
  ]
    .map((line) => line.trim())
    .filter(Boolean);
}

suite('an uninstallation whose cleanup cannot pull its image', () => {
  test('fails, leaves copies alone, and the schedule goes on', async () => {
    await install();
    await install('--set', 'image.tag=nowhere,runOnInstall.enabled=false,cleanupDeadlineSeconds=10');

    await assert.rejects(shell(uninstall), /pullsecret-sync-cleanup.*Failed/);

    const suspended = await cluster.kubectl(
      'get',
      'cronjob',
      'pullsecret-sync',
      ...here,
      '-o',
      'jsonpath={.spec.suspend}',
    );
    assert.equal(suspended, 'false');
    assert.deepEqual(
      (await copies()).filter((name) => teams.includes(name)),
      teams,
    );
  });

  test('is undone by a rollback, and the release works again', async () => {
    await shell(documented('chart/pages/operating.md', 'Remove', 'helm rollback'), { REVISION: '1' });

    const [release] = JSON.parse(await cluster.helm('list', ...here, '--output', 'json'));
    assert.equal(release.status, 'deployed');
  });

  test('has a way out: uninstall without hooks, and clean up from a machine of your own', async () => {
    await shell(documented('chart/pages/operating.md', 'Remove', '--no-hooks'));

    // The Job that failed is there to be looked at, for a day.
    await untilLeft('job.batch/pullsecret-sync-cleanup');
    const ttl = ['get', 'job', 'pullsecret-sync-cleanup', ...here, '-o', 'jsonpath={.spec.ttlSecondsAfterFinished}'];
    assert.equal(await cluster.kubectl(...ttl), '86400');
  });
});

test('an uninstallation removes all that the release made, while its schedule ticks', async () => {
  const login = ['--docker-server=registry.example.com', '--docker-username=robot', `--docker-password=${password}`];
  await cluster.kubectl('create', 'secret', 'docker-registry', 'from-vault', ...here, ...login);
  await shell(`${documented('README.md', 'Install', 'existingSecrets').trim()} ${imageValues.join(' ')}`);
  await cluster.createPod('team-a', 'before', images.registry);
  await cluster.untilPodRuns('team-a', 'before');
  const ticks = tick();

  await shell(uninstall);

  assert.ok((await ticks) > 0);
  await untilLeft();
  await createNamespace(cluster.kubectl, 'later');
  await cluster.createPod('later', 'after', images.registry);
  await untilNothingPulls(cluster.kubectl, 'later');
});

suite('with plain Jobs in place of hooks', () => {
  const jobs = async () => (await cluster.kubectl('get', 'jobs', ...here, '-o', 'name')).split('\n').filter(Boolean);

  test('the first run starts with each revision, and the cleanup waits', async () => {
    await install('--set', 'helmHooks=false,suspend=true');
    const [cleanup, now] = (await jobs()).toSorted();
    assert.match(`${cleanup} ${now}`, /-cleanup-1-\w{8} .*-now-1-\w{8}$/);
    await cluster.kubectl('wait', '--for=condition=Complete', `${now}`, ...here, '--timeout=90s');
    assert.ok((await copies()).includes('team-a'));

    await install('--set', 'helmHooks=false,suspend=true,backoffLimit=2');

    assert.match((await jobs()).toSorted().join(' '), /-cleanup-2-\w{8} .*-now-2-\w{8}$/);
    const { spec }: V1Job = JSON.parse(
      await cluster.kubectl('get', `${(await jobs()).toSorted()[0]}`, ...here, '-o', 'json'),
    );
    assert.equal(spec?.suspend, true);
  });

  test('the cleanup, once resumed, removes what the release did', async () => {
    const [find = '', ...resume] = documented('chart/pages/gitops.md', 'Without hooks').split('\n');
    const job = (await shell(find)).trim();

    await shell(resume.join('\n').replaceAll('job/<name>', job));

    await shell(documented('README.md', 'Remove'));
    await untilLeft();
  });
});

/** The pods of a Job that is deleted go a moment later. */
async function untilLeft(...expected: string[]): Promise<void> {
  let left: string[] = [];
  await until('nothing else of the release is left', async () => {
    left = await leftovers();
    return left.join() === expected.join();
  }).catch(() => assert.deepEqual(left, expected));
}

/**
 * Starts Jobs as the schedule does, one after the other, until the schedule is suspended or gone.
 *
 * @returns how many
 */
async function tick(): Promise<number> {
  let ticks = 0;
  for (;;) {
    const schedule = [
      'get',
      'cronjob',
      'pullsecret-sync',
      ...here,
      '--ignore-not-found',
      '-o',
      'jsonpath={.spec.suspend}',
    ];
    if ((await cluster.kubectl(...schedule)) !== 'false') return ticks;
    await cluster.kubectl('create', 'job', `tick-${ticks}`, ...here, '--from=cronjob/pullsecret-sync');
    await cluster.kubectl('wait', '--for=delete', `job/tick-${ticks}`, ...here, '--timeout=90s');
    ticks += 1;
  }
}
