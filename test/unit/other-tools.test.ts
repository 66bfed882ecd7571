import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SecretRecord } from '../../job/src/cluster/cluster.ts';
import { otherToolOf, tiesOf } from '../../job/src/plan/other-tools.ts';

/** What each tool leaves on its copies; `job/src/plan/other-tools.ts` names the sources. */
const left: Array<[tool: string, name: RegExp, stop: RegExp, Partial<SecretRecord>]> = [
  [
    'imagepullsecret-patcher',
    /^imagepullsecret-patcher$/,
    /kubectl scale deployment imagepullsecret-patcher --replicas=0/,
    { annotations: { 'app.kubernetes.io/managed-by': 'imagepullsecret-patcher' } },
  ],
  [
    'reflector',
    /^reflector, from infra\/pull$/,
    /Deployment reflector to 0/,
    {
      annotations: {
        'reflector.v1.k8s.emberstack.com/auto-reflects': 'True',
        'reflector.v1.k8s.emberstack.com/reflects': 'infra/pull',
        'reflector.v1.k8s.emberstack.com/reflected-version': '708137844',
      },
    },
  ],
  [
    'kubernetes-replicator that was told by the source',
    /^kubernetes-replicator$/,
    /Deployment kubernetes-replicator to 0/,
    {
      annotations: {
        'replicator.v1.mittwald.de/replicated-at': '2026-01-02T03:04:05Z',
        'replicator.v1.mittwald.de/replicated-from-version': '4711',
        'replicator.v1.mittwald.de/replicated-keys': '.dockerconfigjson',
      },
    },
  ],
  [
    'kubernetes-replicator that was told by the copy, before it acts',
    /^kubernetes-replicator$/,
    /Deployment kubernetes-replicator to 0/,
    { annotations: { 'replicator.v1.mittwald.de/replicate-from': 'infra/pull' } },
  ],
  [
    'ClusterSecret',
    /^ClusterSecret$/,
    /Deployment of ClusterSecret to 0/,
    { annotations: { 'clustersecret.io/created-by': 'ClusterSecrets' }, labels: { 'clustersecret.io': 'true' } },
  ],
  [
    'Kyverno',
    /^the Kyverno policy sync-secrets$/,
    /synchronize off in the Kyverno policy sync-secrets/,
    {
      labels: {
        'app.kubernetes.io/managed-by': 'kyverno',
        'generate.kyverno.io/policy-name': 'sync-secrets',
        'generate.kyverno.io/trigger-uid': 'u1',
      },
    },
  ],
  [
    'an operator that names the object as its owner',
    /^the ExternalSecret pull$/,
    /delete the ExternalSecret pull with --cascade=orphan/,
    { owners: ['ExternalSecret pull'] },
  ],
];

describe('a Secret that was made by', () => {
  for (const [tool, name, stop, marks] of left) {
    test(`${tool} is told by its marks, with what to stop`, () => {
      const found = otherToolOf(secret(marks));

      assert.match(found?.name ?? '', name);
      assert.match(found?.stop ?? '', stop);
    });
  }

  test('imagepullsecret-patcher and is ours since tells of no tool, which would have taken our mark off', () => {
    const annotations = {
      'app.kubernetes.io/managed-by': 'imagepullsecret-patcher',
      'pullsecret-sync.io/owner': 'a/b/c',
    };

    assert.equal(otherToolOf(secret({ annotations })), undefined);
  });

  test('hand tells of no tool, and neither does what a tool only reads', () => {
    const source = { 'reflector.v1.k8s.emberstack.com/reflection-allowed': 'true' };

    assert.equal(otherToolOf(secret({ labels: { team: 'a' } })), undefined);
    assert.equal(otherToolOf(secret({ annotations: source })), undefined);
  });
});

describe('what ties a Secret to another tool', () => {
  test('is all that the tool put on it, and nothing else', () => {
    const marked = secret({
      labels: { team: 'kyverno', 'app.kubernetes.io/managed-by': 'kyverno', 'generate.kyverno.io/rule-name': 'r' },
      annotations: { note: 'x', 'reflector.v1.k8s.emberstack.com/reflects': 'infra/pull' },
    });

    assert.deepEqual(tiesOf(marked), {
      labels: ['app.kubernetes.io/managed-by', 'generate.kyverno.io/rule-name'],
      annotations: ['reflector.v1.k8s.emberstack.com/reflects'],
      owners: false,
    });
  });

  test('is what makes it a source, too, or the tool would go on copying it', () => {
    const annotations = { 'replicator.v1.mittwald.de/replicate-to': '*' };

    assert.deepEqual(tiesOf(secret({ annotations })), {
      labels: [],
      annotations: ['replicator.v1.mittwald.de/replicate-to'],
      owners: false,
    });
  });

  test('is its owner, with which Kubernetes would delete it', () => {
    assert.deepEqual(tiesOf(secret({ owners: ['SealedSecret pull'] })), { labels: [], annotations: [], owners: true });
  });

  test('is nothing where it is made by hand or by Helm, and not the mark of imagepullsecret-patcher, which deletes by name', () => {
    const helm = { 'app.kubernetes.io/managed-by': 'Helm' };
    const patcher = { 'app.kubernetes.io/managed-by': 'imagepullsecret-patcher' };

    assert.equal(tiesOf(secret({ labels: { team: 'a' } })), undefined);
    assert.equal(tiesOf(secret({ labels: helm })), undefined);
    assert.equal(tiesOf(secret({ annotations: patcher })), undefined);
  });
});

function secret(rest: Partial<SecretRecord>): SecretRecord {
  return {
    namespace: 'team-a',
    name: 'pull',
    uid: 'u1',
    resourceVersion: '7',
    type: 'kubernetes.io/dockerconfigjson',
    immutable: false,
    labels: {},
    annotations: {},
    content: 'e30=',
    managers: ['some-client'],
    owners: [],
    ...rest,
  };
}
