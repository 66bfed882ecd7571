import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CoreV1Event, V1Secret, V1ServiceAccount } from '@kubernetes/client-node';
import { parse, stringify } from 'yaml';
import { jobImage } from '../../scripts/cluster/job-image.ts';
import { createNamespace, untilNothingPulls } from '../../scripts/cluster/workloads.ts';
import { until } from '../../scripts/until.ts';
import { patcher, patcherObjects } from '../support/imagepullsecret-patcher/objects.ts';
import { documented, sectionBlocks } from '../support/page.ts';
import { type Shell, startShell } from '../support/shell.ts';
import { images, password, releaseNamespace, startTestCluster, type TestCluster } from './support.ts';

const page = 'chart/pages/from-imagepullsecret-patcher.md';
const mark = `${releaseNamespace}/pullsecret-sync`;
/** Each with the ServiceAccount of its pods. */
const pulling = { 'team-a': 'default', 'team-b': 'builder', 'kube-system': 'default' };

let cluster: TestCluster;
let shell: Shell;

before(async () => {
  cluster = await startTestCluster();
  const { kubeconfig, directory } = cluster.cluster.controlPlane;
  shell = await startShell(kubeconfig, directory);
  for (const namespace of ['team-a', 'team-b']) await createNamespace(cluster.kubectl, namespace);
  await createNamespace(cluster.kubectl, 'outside', { [`k8s.titansoft.com/${patcher}-exclude`]: 'true' });
  await cluster.kubectl('create', 'serviceaccount', 'builder', '-n', 'team-b');
  await startPatcher();
  await until('the patcher has been everywhere', async () => {
    const accounts = (await serviceAccounts()).filter(({ metadata }) => metadata?.namespace !== 'outside');
    return accounts.every(({ imagePullSecrets = [] }) => imagePullSecrets.some(isReference));
  });
});
after(() => cluster[Symbol.asyncDispose]());

/** As its example installs it, with a source as `kubectl create secret docker-registry` writes it: in other bytes than ours. */
async function startPatcher(): Promise<void> {
  const login = { username: 'robot', password, auth: Buffer.from(`robot:${password}`).toString('base64') };
  const dockerConfig = JSON.stringify({ auths: { 'registry.example.com': login } });
  const image = 'registry.example.com/base/node:26';
  await cluster.apply(...(await patcherObjects({ source: 'image-pull-secret-src', dockerConfig, image })));
  await cluster.kubectl('rollout', 'status', `deployment/${patcher}`, '-n', patcher, '--timeout=90s');
}

const isReference = ({ name }: { name?: string }) => name === 'image-pull-secret';

async function list<T>(...args: string[]): Promise<T[]> {
  return JSON.parse(await cluster.kubectl('get', ...args, '-A', '-o', 'json')).items;
}

const serviceAccounts = () => list<V1ServiceAccount>('serviceaccounts');

/** The Secrets with the copy's name, by namespace. */
async function copies(): Promise<Map<string, V1Secret['metadata']>> {
  const secrets = await list<V1Secret>('secrets', '--field-selector=metadata.name=image-pull-secret');
  return new Map(secrets.map(({ metadata }) => [metadata?.namespace ?? '', metadata]));
}

const ownerOf = (copy: V1Secret['metadata']) => copy?.annotations?.['pullsecret-sync.io/owner'];

/** The page's values, with what every install here needs. */
async function writeValues(): Promise<void> {
  const [repository, tag] = jobImage.split(/:(?=[^/]*$)/);
  // Pods have no DNS here.
  const here = { image: { repository, tag }, verifyCredentials: 'off' };
  const [values = ''] = sectionBlocks(page, '1. Look', 'yaml');
  await writeFile(join(shell.folder, 'values.yaml'), stringify({ ...parse(values), ...here }));
}

/** Makes pods of a namespace one after the other, each of which has to pull, until it is told to stop; how many ran. */
async function pullAgainAndAgain(namespace: string, account: string, isOver: () => boolean): Promise<number> {
  const spec = JSON.stringify({ spec: { serviceAccountName: account } });
  const place = ['-n', namespace];
  for (let pods = 1; ; pods++) {
    const name = `pull-${pods}`;
    const flags = [`--image=${images.registry}`, '--image-pull-policy=Always', `--overrides=${spec}`];
    await cluster.kubectl('run', name, ...place, ...flags);
    await cluster.untilPodRuns(namespace, name);
    await cluster.kubectl('delete', 'pod', name, ...place, '--now', '--wait=false');
    if (isOver()) return pods;
  }
}

/** What the kubelet said of pods of the loop that could not pull at once. */
async function failedPulls(): Promise<string[]> {
  const events = await list<CoreV1Event>('events', '--field-selector=type=Warning,involvedObject.kind=Pod');
  const reasons = ['Failed', 'BackOff', 'FailedToRetrieveImagePullSecret'];
  return events
    .filter(({ reason = '', involvedObject }) => reasons.includes(reason) && involvedObject.name?.startsWith('pull-'))
    .map(({ involvedObject, reason, message }) => `${involvedObject.namespace}: ${reason}: ${message}`);
}

/** A run of the schedule, now. */
async function runJob(name: string): Promise<void> {
  await cluster.kubectl('create', 'job', name, '-n', releaseNamespace, '--from=cronjob/pullsecret-sync');
  await cluster.kubectl('wait', '--for=condition=Complete', `job/${name}`, '-n', releaseNamespace, '--timeout=90s');
}

test('the page moves a cluster: every Secret is taken over in place, and every pull meanwhile succeeds', async (context) => {
  const before = await copies();
  assert.deepEqual(
    [...before.keys()].toSorted(),
    ['default', 'kube-node-lease', 'kube-public', 'kube-system', patcher, 'team-a', 'team-b'].toSorted(),
  );
  let isOver = false;
  const loops = Promise.allSettled(
    Object.entries(pulling).map(([namespace, account]) => pullAgainAndAgain(namespace, account, () => isOver)),
  );

  try {
    const found = await shell(
      documented('chart/pages/from-imagepullsecret-patcher.md', 'From imagepullsecret-patcher'),
    );
    assert.match(found, /^imagepullsecret-patcher +imagepullsecret-patcher /);
    assert.match(
      await shell(documented('chart/pages/from-imagepullsecret-patcher.md', '1. Look')),
      /CONFIG_ALLSERVICEACCOUNT=true/,
    );
    await writeValues();
    await shell(documented('chart/pages/from-imagepullsecret-patcher.md', '2. Stop the patcher'));
    await shell(documented('chart/pages/from-imagepullsecret-patcher.md', '3. Install'));
    assert.match(
      await shell(documented('chart/pages/from-imagepullsecret-patcher.md', '4. Check')),
      /in line in (\d+) of \1 namespaces, 0 conflicts.*Nothing to do\./s,
    );
    await shell(documented('chart/pages/from-imagepullsecret-patcher.md', '5. Delete what is left of the patcher'));
    await shell(documented('chart/pages/from-imagepullsecret-patcher.md', '6. Make its references yours'));
  } finally {
    isOver = true;
  }

  const pulls = (await loops).map((loop) => (loop.status === 'fulfilled' ? loop.value : loop.reason));
  assert.ok(
    pulls.every((count) => count >= 3),
    String(pulls),
  );
  assert.deepEqual(await failedPulls(), []);
  context.diagnostic(`pods that pulled meanwhile: ${pulls.join(' + ')}, none failed`);
  const now = await copies();
  before.delete(patcher);
  assert.deepEqual([...now.keys()].toSorted(), [...before.keys(), releaseNamespace].toSorted());
  for (const [namespace, copy] of before) {
    assert.equal(now.get(namespace)?.uid, copy?.uid, namespace);
    assert.equal(ownerOf(now.get(namespace)), `${mark}/${namespace}`);
  }
});

test('the step on references makes each of them ours, in every namespace', async () => {
  for (const { metadata, imagePullSecrets = [] } of await serviceAccounts()) {
    if (metadata?.namespace === 'outside') continue;
    const place = `${metadata?.namespace}/${metadata?.name}`;
    assert.equal(imagePullSecrets.filter(isReference).length, 1, place);
    assert.equal(metadata?.annotations?.['pullsecret-sync.io/added'], `${mark}:image-pull-secret`, place);
  }
});

test('nothing of the patcher is left, and a namespace that it left out cannot pull', async () => {
  const kinds = ['clusterroles,clusterrolebindings,namespaces', '-o', 'name'];
  assert.doesNotMatch(await cluster.kubectl('get', ...kinds), new RegExp(patcher));

  await cluster.kubectl('run', 'app', '-n', 'outside', `--image=${images.registry}`, '--image-pull-policy=Always');

  await untilNothingPulls(cluster.kubectl, 'outside');
});

test('a patcher that still runs is named where the page says, and the command that is named there ends it', async () => {
  await startPatcher();
  const stop = new RegExp(`^Copies that ${patcher} changed, .* (kubectl scale deployment .* --namespace \\S+)`, 'm');
  let command = '';
  let runs = 0;

  await until('a run has found what the patcher did', async () => {
    runs += 1;
    await runJob(`beside-the-patcher-${runs}`);
    const printed = await shell('node dist/pullsecret-sync.mjs status --config config.yaml');
    command = stop.exec(printed)?.[1] ?? '';
    return command !== '';
  });
  const events = await list<CoreV1Event>('events', '--field-selector=reason=CopyChanged');
  assert.ok(events.some(({ message = '' }) => message.includes(patcher) && message.includes(command)));

  await shell(command);

  await cluster.kubectl('wait', 'pod', '-l', `name=${patcher}`, '-n', patcher, '--for=delete', '--timeout=60s');
  await runJob('without-the-patcher');
  for (const [namespace, copy] of await copies()) assert.equal(ownerOf(copy), `${mark}/${namespace}`);
  await cluster.createPod('team-a', 'after', images.registry);
  await cluster.untilPodRuns('team-a', 'after');
});

test('an uninstallation leaves no copy and no reference', async () => {
  await cluster.helm('uninstall', 'pullsecret-sync', '-n', releaseNamespace);

  assert.deepEqual([...(await copies()).keys()], []);
  const referring = (await serviceAccounts()).filter(({ imagePullSecrets = [] }) => imagePullSecrets.some(isReference));
  assert.deepEqual(
    referring.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`),
    [],
  );
});
