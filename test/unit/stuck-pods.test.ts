import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodRecord, ServiceAccountRecord } from '../../job/src/cluster/cluster.ts';
import { judgePod, type UsableCopy } from '../../job/src/pods/stuck-pods.ts';

const image = 'registry.example.com/team/app:1';
const version = { uid: 'u', resourceVersion: '7' };
const early: PodRecord = {
  namespace: 'team-a',
  name: 'early',
  ...version,
  serviceAccount: 'default',
  imagePullSecrets: [],
  controller: { kind: 'ReplicaSet', name: 'app-1' },
  createdAt: 1000,
  terminating: false,
  waiting: [{ reason: 'ImagePullBackOff', image }],
};
const account: ServiceAccountRecord = {
  namespace: 'team-a',
  name: 'default',
  ...version,
  annotations: {},
  imagePullSecrets: ['own', 'pull'],
  listAppliedBy: undefined,
  listChangedAt: 2000,
};
const copy: UsableCopy = {
  namespace: 'team-a',
  secretName: 'pull',
  registries: ['registry.example.com'],
  comingTo: new Set(),
};

function judge(
  pod: Partial<PodRecord>,
  { list = account, copies = [copy] }: { list?: ServiceAccountRecord | undefined; copies?: UsableCopy[] } = {},
) {
  const verdict = judgePod({ ...early, ...pod }, list, copies);
  return typeof verdict === 'string' ? verdict : 'stuck';
}

test('a pod that a controller made before the reference was there is stuck, and says on what', () => {
  const verdict = judgePod(early, account, [copy]);

  assert.deepEqual(verdict, { pod: early, image, secretName: 'pull' });
});

const ready = { reason: 'PodInitializing', image: 'elsewhere.example.com/app' };
const cases: Array<[what: string, pod: Partial<PodRecord>, verdict: string]> = [
  ['whose pull failed a moment ago', { waiting: [{ reason: 'ErrImagePull', image }] }, 'stuck'],
  ['that waits for one image of several', { waiting: [ready, { reason: 'ImagePullBackOff', image }] }, 'stuck'],
  ['that got the list of its ServiceAccount as it was then', { imagePullSecrets: ['own'] }, 'stuck'],
  ['of a DaemonSet', { controller: { kind: 'DaemonSet', name: 'agent' } }, 'stuck'],
  ['that nothing made', { controller: undefined }, 'nothing would make it again'],
  ['that a kubelet mirrors', { controller: { kind: 'Node', name: 'node-1' } }, 'nothing would make it again'],
  ['that is being deleted', { terminating: true }, 'it is being deleted'],
  ['that has the reference', { imagePullSecrets: ['pull'] }, 'it names the copy already'],
  [
    'that names a Secret which its ServiceAccount does not',
    { imagePullSecrets: ['mine'] },
    'it names pull secrets of its own',
  ],
  [
    'that was made with another list after the reference was there',
    { imagePullSecrets: ['own'], createdAt: 3000 },
    'it names pull secrets of its own',
  ],
  ['that waits for a volume', { waiting: [{ reason: 'ContainerCreating', image }] }, 'no image waits to be pulled'],
  ['whose containers all run', { waiting: [] }, 'no image waits to be pulled'],
  [
    'whose image no policy allows',
    { waiting: [{ reason: 'ErrImageNeverPull', image }] },
    'no image waits to be pulled',
  ],
  [
    'of a registry that we hold nothing for',
    { waiting: [{ reason: 'ImagePullBackOff', image: 'elsewhere.example.com/app:1' }] },
    'no copy in its namespace has a login for the registry',
  ],
  ['in a namespace without a copy', { namespace: 'team-b' }, 'no copy in its namespace has a login for the registry'],
];

for (const [what, pod, verdict] of cases) {
  test(`a pod ${what}: ${verdict}`, () => {
    assert.equal(judge(pod), verdict);
  });
}

test('a pod whose ServiceAccount does not name the copy is left alone: the next one would be stuck too', () => {
  const without = { ...account, imagePullSecrets: ['own'] };

  assert.equal(judge({}, { list: without }), 'its ServiceAccount does not name the copy');
  assert.equal(judgePod(early, undefined, [copy]), 'its ServiceAccount does not name the copy');
});

test('a pod whose ServiceAccount will name the copy once the plan is carried out counts as stuck in the plan', () => {
  const without = { ...account, imagePullSecrets: [] };
  const coming = { ...copy, comingTo: new Set(['default']) };

  assert.equal(judge({}, { list: without, copies: [coming] }), 'stuck');
  assert.equal(
    judge({ serviceAccount: 'builder' }, { list: without, copies: [coming] }),
    'its ServiceAccount does not name the copy',
  );
});

test('of several copies the one counts that has the login and that the pod lacks', () => {
  const other = { ...copy, secretName: 'other', registries: ['other.example.com'] };

  const verdict = judgePod(early, { ...account, imagePullSecrets: ['other', 'pull'] }, [other, copy]);

  assert.equal(typeof verdict === 'string' ? verdict : verdict.secretName, 'pull');
});
