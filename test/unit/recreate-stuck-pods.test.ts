import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterError, type ClusterErrorKind } from '../../job/src/cluster/cluster-error.ts';
import { decideExitCode } from '../../job/src/report/report.ts';
import { summarise } from '../../job/src/report/summary.ts';
import { type EngineTest, engineTest, targetOf } from './engine-support.ts';

const on = { targets: [targetOf('default', 'source-a')], recreateStuckPods: { enabled: true, maxPerRun: 2 } };

/** A cluster in which pods of a controller wait for an image of the source's registry. */
async function clusterWith(config: object, ...pods: string[]): Promise<EngineTest> {
  const engine = await engineTest(config);
  engine.putSource('source-a');
  for (const name of pods) putPod(engine, name);
  return engine;
}

function putPod({ model }: EngineTest, name: string, namespace = 'team-a'): void {
  model.putPod({
    namespace,
    name,
    serviceAccount: 'default',
    imagePullSecrets: [],
    controller: { kind: 'ReplicaSet', name: 'app' },
    terminating: false,
    waiting: [{ reason: 'ImagePullBackOff', image: 'source-a.example.com/app:1' }],
  });
}

function refuseEvictions(engine: EngineTest, kind: ClusterErrorKind): void {
  engine.before = (method) => {
    if (method !== 'evictPod') return;
    throw new ClusterError(kind, { verb: 'create', resource: 'pods/eviction' }, 'says the test');
  };
}

const evictions = ({ requests }: EngineTest) => requests.filter((request) => request.startsWith('evictPod'));
const names = ({ model }: EngineTest) => model.pods().map(({ name }) => name);

test('a stuck pod goes after the reference is there, and is counted', async () => {
  const engine = await clusterWith(on, 'early');

  const result = await engine.run();

  assert.deepEqual(names(engine), []);
  assert.ok(engine.requests.indexOf('evictPod early') > engine.requests.indexOf('patchServiceAccount default'));
  assert.equal(summarise(result).podsEvicted, 1);
  assert.equal(decideExitCode(result, { toleratePartial: false }), 0);
});

test('where it is off no pod is read', async () => {
  const engine = await clusterWith({ ...on, recreateStuckPods: undefined }, 'early');

  await engine.run();

  assert.deepEqual(names(engine), ['early']);
  assert.ok(!engine.requests.includes('listPendingPods'));
});

test('no ServiceAccount is read again where no pod waits in a namespace that is in line', async () => {
  const engine = await clusterWith(on);
  putPod(engine, 'outside', 'kube-system');

  await engine.run();

  assert.equal(engine.requests.filter((request) => request === 'listServiceAccounts default').length, 1);
});

test('a run evicts at most maxPerRun, those that wait longest first, and the next one goes on', async () => {
  const engine = await clusterWith(on, 'first', 'second', 'third');

  const result = await engine.run();

  assert.deepEqual(evictions(engine), ['evictPod first', 'evictPod second']);
  assert.equal(summarise(result).podsStuck, 1);
  await engine.run();
  assert.deepEqual(names(engine), []);
});

test('an eviction of which nobody knows whether it took effect counts, too', async () => {
  const engine = await clusterWith(on, 'first', 'second', 'third');
  engine.before = (method) => {
    if (method !== 'evictPod') return;
    // What changes now makes the run start over.
    engine.putSource('source-a', 1);
    engine.before = () => {};
    throw new ClusterError('unreachable', { verb: 'create', resource: 'pods/eviction' }, 'says the test');
  };

  await engine.run();

  assert.deepEqual(evictions(engine), ['evictPod first', 'evictPod first']);
});

test('a source that arrives late gives a run no second allowance', async () => {
  const late = targetOf('late', 'source-b', { secretName: 'late', namespaces: { include: ['team-b'] } });
  const engine = await clusterWith({ ...on, targets: [targetOf('default', 'source-a'), late] }, 'a', 'b', 'c', 'd');
  engine.whileAsleep = () => engine.putSource('source-b');

  await engine.run();

  assert.deepEqual(names(engine), ['c', 'd']);
});

for (const kind of ['throttled', 'notFound', 'conflict', 'namespaceGone'] as const) {
  test(`an eviction that ends with ${kind} is no failure`, async () => {
    const engine = await clusterWith(on, 'early', 'other');
    refuseEvictions(engine, kind);

    const result = await engine.run();

    assert.equal(evictions(engine).length, 2);
    assert.equal(summarise(result).podsEvicted, 0);
    assert.equal(decideExitCode(result, { toleratePartial: false }), 0);
  });
}

test('a missing right to evict is named once, and everything else is done', async () => {
  const engine = await clusterWith(on, 'early', 'other');
  refuseEvictions(engine, 'forbidden');

  const result = await engine.run();

  assert.equal(evictions(engine).length, 1);
  assert.equal(result.recreated.problems.length, 1);
  assert.match(
    result.recreated.problems[0]?.fix ?? '',
    /\{apiGroups: \[""\], resources: \[pods\/eviction\], verbs: \[create\]\}/,
  );
  assert.equal(decideExitCode(result, { toleratePartial: false }), 1);
  assert.equal(summarise(result).inLine, summarise(result).namespaces);
});

test('a missing right to list pods is a failure that keeps nothing else from being done', async () => {
  const engine = await clusterWith(on, 'early');
  engine.before = (method) => {
    if (method === 'listPendingPods') throw new ClusterError('forbidden', { verb: 'list', resource: 'pods' }, 'no');
  };

  const result = await engine.run();

  assert.equal(decideExitCode(result, { toleratePartial: false }), 1);
  assert.notEqual(engine.contentOf('team-a', 'pull'), undefined);
});

test('a pod stays in a namespace that could not be brought in line, and where a Secret is kept', async () => {
  const engine = await clusterWith(on, 'early');
  putPod(engine, 'denied', 'team-b');
  await engine.people.createSecret('kubectl', { namespace: 'team-a', name: 'pull', type: 'Opaque', data: {} });
  engine.model.denials.add('team-b');

  await engine.run();

  assert.deepEqual(names(engine).toSorted(), ['denied', 'early']);
});
