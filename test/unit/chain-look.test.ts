import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChainCluster, FoundPod } from '../../job/src/chain/chain-cluster.ts';
import { type LookDeps, look } from '../../job/src/chain/look.ts';
import type { Observed } from '../../job/src/chain/observed.ts';
import { ClusterError, type ClusterErrorKind } from '../../job/src/cluster/cluster-error.ts';
import { parseConfig } from '../../job/src/config/config.ts';
import { createMask } from '../../job/src/credentials/masking.ts';
import { image, podWith, waitingFor } from './chain-support.ts';

const text = JSON.stringify({
  release: 'registry-access/pullsecret-sync',
  targets: [
    { name: 'default', secretName: 'pull', sources: [{ secret: 'source' }] },
    { name: 'mounted', secretName: 'other', sources: [{ file: '/mnt/config.json' }] },
  ],
  objects: { cronJob: 'pullsecret-sync', configMap: 'pullsecret-sync' },
});
const version = { uid: 'u', resourceVersion: '1' };

/** A cluster with one namespace, in which nothing else is, but for the change. */
async function lookWith(change: Partial<ChainCluster>, asked: Observed['asked'] = { namespace: 'team-a', pod: 'app' }) {
  const nothing = async () => undefined;
  const warnings: string[] = [];
  const mask = createMask();
  const cluster: ChainCluster = {
    listNamespaces: async () => [],
    readConfigMap: nothing,
    readSecret: nothing,
    findNamespace: async (name) => ({ name, labels: {}, annotations: {}, terminating: false }),
    findSecret: nothing,
    findServiceAccount: nothing,
    findServiceAccounts: async () => [],
    findPod: async () => podWith(),
    findPods: async () => [],
    ownerOfReplicaSet: nothing,
    findPodEvents: async () => [],
    findCronJob: nothing,
    findFollower: nothing,
    ...change,
  };
  const deps: LookDeps = {
    cluster,
    clock: { now: () => new Date(0), elapsed: () => 0, sleep: () => assert.fail('it waits') },
    readConfig: async () => parseConfig(text, 'the test'),
    readFile: async () => undefined,
    log: { info() {}, warn: (message) => void warnings.push(message), error() {} },
    mask,
    signal: new AbortController().signal,
  };
  return { seen: await look(asked, deps), warnings, mask };
}

function refuse(kind: ClusterErrorKind, resource: 'pods' | 'secrets' | 'serviceaccounts' = 'pods') {
  return async () => {
    throw new ClusterError(kind, { verb: 'get', resource, name: 'x', namespace: 'team-a' }, 'says the test');
  };
}

test('what may not be seen is noted with the refusal, and hides nothing else', async () => {
  const { seen } = await lookWith({
    findPod: refuse('forbidden'),
    findSecret: refuse('forbidden', 'secrets'),
    readSecret: refuse('forbidden', 'secrets'),
    findServiceAccount: refuse('forbidden', 'serviceaccounts'),
  });

  assert.ok('not' in seen.pods && 'not' in seen.serviceAccounts);
  assert.ok('not' in (seen.secrets.get('pull') ?? {}));
  assert.ok(seen.targets[0]?.unread instanceof ClusterError);
  assert.ok('is' in seen.namespace);
});

test('a file among the sources that is not on this machine is unread, and waited for no more than a Secret', async () => {
  const { seen } = await lookWith({});

  assert.deepEqual(
    seen.targets.map(({ unread }) => unread !== undefined),
    [false, true],
  );
  assert.match(seen.targets[0]?.problems[0]?.message ?? '', /does not exist/);
});

for (const kind of ['unreachable', 'untrusted', 'unauthorized', 'interrupted'] as const) {
  test(`an API server that is ${kind} ends the look`, async () => {
    await assert.rejects(lookWith({ findPod: refuse(kind) }), (error: ClusterError) => error.kind === kind);
  });
}

test('the Secrets that a pod names are looked at too, and their passwords are hidden from then on', async () => {
  const content = JSON.stringify({
    auths: { 'registry.example.com': { username: 'robot', password: 'hidden-pa55word' } },
  });
  const { seen, mask } = await lookWith({
    findPod: async () => podWith({ imagePullSecrets: ['own'] }),
    findSecret: async (namespace, name) => ({
      record: {
        namespace,
        name,
        ...version,
        type: 'kubernetes.io/dockerconfigjson',
        immutable: false,
        labels: {},
        annotations: {},
        content: undefined,
        managers: [],
        owners: [],
      },
      held: Buffer.from(content).toString('base64'),
    }),
  });

  const own = seen.secrets.get('own');
  assert.deepEqual(own && 'is' in own && own.is?.registries, ['registry.example.com']);
  assert.equal(mask.apply('401 with hidden-pa55word'), '401 with ***');
});

test('of a namespace the pods that wait longest for an image are looked at, and the others counted', async () => {
  const containers = [waitingFor(image, '')];
  const crowd: FoundPod[] = Array.from({ length: 25 }, (_, index) =>
    podWith({ name: `app-${index}`, createdAt: 25 - index, containers }),
  );

  const { seen } = await lookWith(
    { findPods: async () => [podWith({ name: 'fine' }), ...crowd] },
    { namespace: 'team-a' },
  );

  assert.ok('is' in seen.pods);
  assert.deepEqual([seen.pods.is.length, seen.pods.is[0]?.name, seen.morePods], [20, 'app-24', 5]);
});

test('the Deployment above a ReplicaSet is what is restarted', async () => {
  const { seen } = await lookWith({ ownerOfReplicaSet: async () => ({ kind: 'Deployment', name: 'web' }) });

  assert.ok('is' in seen.pods);
  assert.deepEqual(seen.pods.is[0]?.workload, { kind: 'Deployment', name: 'web' });
});

test('where there is no such namespace or pod, names like it are looked for, the likest first', async () => {
  const record = { labels: {}, annotations: {}, terminating: false };
  const names = ['team-bb', 'team-b', 'shop', 'team-aa'];
  const { seen: namespace } = await lookWith(
    { findNamespace: async () => undefined, listNamespaces: async () => names.map((name) => ({ name, ...record })) },
    { namespace: 'team-a' },
  );
  const { seen: pod } = await lookWith({
    findPod: async () => undefined,
    findPods: async () => [podWith({ name: 'apps' })],
  });

  assert.deepEqual(namespace.similar, ['team-b', 'team-aa', 'team-bb']);
  assert.deepEqual(pod.similar, ['apps']);
});

test('a configuration that is not the one of the cluster is told', async () => {
  const configMap = (changed: string) => async () => ({
    ...version,
    annotations: {},
    data: { 'config.yaml': changed },
  });

  const { warnings: none } = await lookWith({ readConfigMap: configMap(text) });
  const { warnings } = await lookWith({ readConfigMap: configMap(text.replace('"pull"', '"another"')) });

  assert.deepEqual(none, []);
  assert.deepEqual(warnings, ['the configuration that was given is not the one that the release in the cluster has']);
});
