import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { V1Pod } from '@kubernetes/client-node';
import { until } from '../../scripts/until.ts';
import { registryValues, releaseNamespace, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;
const image = 'registry.example.com/team/app:1';
const app = { name: 'app', image };
/** The pods by the ReplicaSet that made them; a bare one by its own name. */
const early = new Map<string, V1Pod>();

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces('team-a', 'team-b', 'outside');
  await install({ enabled: true, maxPerRun: 2 });
  await putStuckPod('team-a', 'app', { containers: [app] });
  await putStuckPod('team-a', 'init', { initContainers: [{ ...app, name: 'init' }], containers: [app] });
  await putStuckPod('team-b', 'budget', { containers: [app] });
  await putStuckPod('team-b', 'elsewhere', { containers: [{ name: 'app', image: 'elsewhere.example.com/app:1' }] });
  await putStuckPod('team-b', 'own-list', { imagePullSecrets: [{ name: 'own' }], containers: [app] });
  await putStuckPod('outside', 'excluded', { containers: [app] });
  await cluster.applyObjects(
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bare', namespace: 'team-a' }, spec: { containers: [app] } },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'all', namespace: 'team-b' },
      spec: { minAvailable: 1, selector: {} },
    },
  );
  await setStuck(await cluster.get<V1Pod>('pod', 'bare', '-n', 'team-a'));
});
after(() => cluster[Symbol.asyncDispose]());

function install(recreateStuckPods: object): Promise<void> {
  return cluster.install({ ...registryValues(), namespaces: { exclude: ['outside'] }, recreateStuckPods });
}

/** A ReplicaSet, and its pod as the kubelet leaves one that cannot pull: none runs here, test/e2e shows what it writes. */
async function putStuckPod(namespace: string, name: string, spec: object): Promise<void> {
  const labels = { app: name };
  await cluster.applyObjects({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  });
  const pod = await podOf(namespace, name);
  await setStuck(pod);
  early.set(name, pod);
}

/** The pod of a ReplicaSet, once it is there. */
async function podOf(namespace: string, name: string): Promise<V1Pod> {
  const pods = () => cluster.list<V1Pod>('pods', '-n', namespace, '-l', `app=${name}`);
  await until(`ReplicaSet ${name} has a pod`, async () => (await pods()).length > 0);
  return (await pods())[0] as V1Pod;
}

async function setStuck({ metadata, spec }: V1Pod): Promise<void> {
  const list = spec?.initContainers ? 'initContainerStatuses' : 'containerStatuses';
  const containers = (spec?.initContainers ?? spec?.containers ?? []).map(({ name, image: of }) => ({
    name,
    image: of,
    imageID: '',
    ready: false,
    restartCount: 0,
    state: { waiting: { reason: 'ImagePullBackOff' } },
  }));
  const status = JSON.stringify({ status: { phase: 'Pending', [list]: containers } });
  const where = [metadata?.name ?? '', '-n', metadata?.namespace ?? '', '--subresource=status'];
  await cluster.kubectl(['patch', 'pod', ...where, '--type=merge', '-p', status]);
}

/** The ReplicaSets whose first pod is gone. */
async function recreated(): Promise<string[]> {
  const pods = await cluster.list<V1Pod>('pods', '-A');
  const uids = pods.map(({ metadata }) => metadata?.uid);
  return [...early].filter(([, { metadata }]) => !uids.includes(metadata?.uid)).map(([name]) => name);
}

test('a plan names the pods that came too early, and evicts none', async () => {
  const { code, events } = await cluster.job(['plan', '--exit-code']);

  assert.equal(code, 2);
  const planned = events.filter(({ message }) => message === 'evict stuck pod');
  assert.deepEqual(planned.map(({ namespace, controller }) => `${namespace} ${controller}`).toSorted(), [
    'team-a ReplicaSet/app',
    'team-a ReplicaSet/init',
  ]);
  assert.deepEqual(await recreated(), []);
});

test('a run evicts maxPerRun of them with the rights of the chart, and what comes in their place has the reference', async () => {
  const { code, events } = await cluster.job(['sync']);

  assert.equal(code, 0);
  assert.deepEqual(await recreated(), ['app', 'init']);
  const done = events.filter(({ message }) => message === 'stuck pod evicted');
  assert.deepEqual(done.map(({ pod }) => pod).toSorted(), [nameOf('app'), nameOf('init')].toSorted());
  const { podsEvicted, podsStuck } = events.at(-1) ?? {};
  assert.deepEqual({ podsEvicted, podsStuck }, { podsEvicted: 2, podsStuck: 1 });
  const next = await podOf('team-a', 'app');
  assert.deepEqual(next.spec?.imagePullSecrets, [{ name: 'image-pull-secret' }]);
  const place = ['pullsecret-sync-status', '-n', releaseNamespace, '-o', 'yaml'];
  const status = await cluster.kubectl(['get', 'configmap', ...place]);
  assert.match(status, /podsEvicted: 2\n/);
  assert.match(status, /message: stuck pod evicted\n/);
});

test("status names those that are left, with a person's rights", async () => {
  const { code, events } = await cluster.job(['status', '--kubeconfig', cluster.controlPlane.kubeconfig]);

  assert.equal(code, 0);
  const stuck = events.filter(({ message }) => message === 'stuck pod');
  assert.deepEqual(
    stuck.map(({ namespace, pod }) => `${namespace}/${pod}`),
    [`team-b/${nameOf('budget')}`],
  );
  assert.equal(events.find(({ message }) => message === 'last run')?.exitCode, 0);
});

test('the next run goes on, whatever a budget says of pods that do not run, and leaves all others', async () => {
  const { code } = await cluster.job(['sync']);

  assert.equal(code, 0);
  assert.deepEqual(await recreated(), ['app', 'init', 'budget']);
  assert.equal((await cluster.get<V1Pod>('pod', 'bare', '-n', 'team-a')).metadata?.deletionTimestamp, undefined);
});

test('where it is off the job reads no pod, and could not', async () => {
  await install({ enabled: false });

  const requests = await cluster.requestsOfJob(() => cluster.job(['sync']));

  assert.equal(
    requests.find(({ resource }) => resource === 'pods'),
    undefined,
  );
  await assert.rejects(cluster.kubectlAsJob(['get', 'pods', '-A']), /forbidden/);
});

test('where it is on and the rights are missing the run says which, and does everything else', async () => {
  const recreateStuckPods = { enabled: true };
  const file = await cluster.writeConfig({ namespaces: { exclude: ['outside'] } }, { recreateStuckPods });

  const { code, events } = await cluster.job(['sync', '--config', file]);

  assert.equal(code, 1);
  const errors = events.filter(({ level, fix }) => level === 'error' && fix !== undefined);
  assert.equal(errors.length, 1);
  assert.match(String(errors[0]?.fix), /\{apiGroups: \[""\], resources: \[pods\], verbs: \[list\]\}/);
  assert.equal(events.at(-1)?.failed, 0);
});

function nameOf(replicaSet: string): string {
  return early.get(replicaSet)?.metadata?.name ?? '';
}
