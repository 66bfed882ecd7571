import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NamespaceRecord, SecretRecord, ServiceAccountRecord } from '../../job/src/cluster.ts';
import { parseConfig, type Target } from '../../job/src/config.ts';
import type { Snapshot } from '../../job/src/observe.ts';
import { plan } from '../../job/src/plan.ts';

const release = { namespace: 'registry-access', name: 'pullsecret-sync' };
const version = { uid: 'u1', resourceVersion: '7' };

function target(rules: object = {}): Target {
  const document = {
    release: 'registry-access/pullsecret-sync',
    targets: [{ name: 'default', secretName: 'image-pull-secret', sources: [{ secret: 'source' }], ...rules }],
  };
  return parseConfig(JSON.stringify(document), 'test').targets[0] as Target;
}

function namespace(name: string, rest: Partial<NamespaceRecord> = {}): NamespaceRecord {
  return { name, labels: {}, annotations: {}, terminating: false, ...rest };
}

function copy(inside: string, rest: Partial<SecretRecord> = {}): SecretRecord {
  return {
    namespace: inside,
    name: 'image-pull-secret',
    ...version,
    type: 'kubernetes.io/dockerconfigjson',
    immutable: false,
    labels: { 'app.kubernetes.io/managed-by': 'pullsecret-sync' },
    annotations: { 'pullsecret-sync.io/owner': `registry-access/pullsecret-sync/${inside}` },
    content: 'wanted',
    managers: ['pullsecret-sync'],
    ...rest,
  };
}

function serviceAccount(inside: string, rest: Partial<ServiceAccountRecord> = {}): ServiceAccountRecord {
  return {
    namespace: inside,
    name: 'default',
    ...version,
    annotations: {},
    imagePullSecrets: [],
    listAppliedBy: undefined,
    ...rest,
  };
}

function snapshot(
  namespaces: NamespaceRecord[],
  secrets: SecretRecord[] = [],
  accounts: ServiceAccountRecord[] = [],
): Snapshot {
  return {
    namespaces,
    secret: (inside, name) => secrets.find((one) => one.namespace === inside && one.name === name),
    serviceAccounts: (inside) => accounts.filter((one) => one.namespace === inside),
  };
}

function planOf(state: Snapshot, { rules = {}, content = 'wanted' as string | undefined } = {}) {
  return plan({ release, targets: [{ target: target(rules), content }], snapshot: state });
}

const inLine = {
  secrets: [copy('team-a')],
  accounts: [serviceAccount('team-a', { imagePullSecrets: ['image-pull-secret'] })],
};

describe('the plan', () => {
  test('of a new namespace creates the copy first and then adds the reference, with its mark', () => {
    const [planned] = planOf(
      snapshot([namespace('team-a')], [], [serviceAccount('team-a', { imagePullSecrets: ['theirs'] })]),
    );
    assert.deepEqual(planned?.actions, [
      { kind: 'createCopy' },
      {
        kind: 'addReference',
        serviceAccount: 'default',
        observed: version,
        imagePullSecrets: ['theirs', 'image-pull-secret'],
        added: 'registry-access/pullsecret-sync:image-pull-secret',
      },
    ]);
  });

  test('of a namespace that is in line is empty', () => {
    const [planned] = planOf(snapshot([namespace('team-a')], inLine.secrets, inLine.accounts));
    assert.deepEqual([planned?.actions, planned?.conflicts], [[], []]);
  });

  test('of a namespace whose ServiceAccount is not there yet creates the copy', () => {
    const [planned] = planOf(snapshot([namespace('team-a')]));
    assert.deepEqual(planned?.actions, [{ kind: 'createCopy' }]);
  });

  test('after a rotation updates the copy in place', () => {
    const [planned] = planOf(snapshot([namespace('team-a')], [copy('team-a', { content: 'old' })], inLine.accounts));
    assert.deepEqual(planned?.actions, [{ kind: 'updateCopy', observed: version }]);
  });

  test('replaces a copy of ours with a wrong type, which the API does not let change', () => {
    const [planned] = planOf(
      snapshot([namespace('team-a')], [copy('team-a', { type: 'Opaque', content: undefined })], inLine.accounts),
    );
    assert.deepEqual(planned?.actions, [{ kind: 'replaceCopy', observed: version, because: 'wrong type' }]);
  });

  test('replaces an immutable copy of ours only when its content differs', () => {
    const immutable = (content: string) =>
      snapshot([namespace('team-a')], [copy('team-a', { immutable: true, content })], inLine.accounts);
    assert.deepEqual(planOf(immutable('old'))[0]?.actions, [
      { kind: 'replaceCopy', observed: version, because: 'immutable' },
    ]);
    assert.deepEqual(planOf(immutable('wanted'))[0]?.actions, []);
  });

  test('keeps the other entries of the mark', () => {
    const account = serviceAccount('team-a', { annotations: { 'pullsecret-sync.io/added': 'other/release:x' } });
    const [planned] = planOf(snapshot([namespace('team-a')], inLine.secrets, [account]));
    const [action] = planned?.actions ?? [];
    assert.ok(action?.kind === 'addReference');
    assert.equal(action.added, 'other/release:x,registry-access/pullsecret-sync:image-pull-secret');
  });

  test('leaves out namespaces that terminate, and ones that are not selected', () => {
    const planned = planOf(snapshot([namespace('a', { terminating: true }), namespace('kube-system'), namespace('b')]));
    assert.deepEqual(
      planned.map((one) => one.namespace),
      ['b'],
    );
  });

  test('of a target with a bad source is empty, also where a later target would select the namespace', () => {
    const targets = [
      { target: target(), content: undefined },
      { target: target({ name: 'second' }), content: 'wanted' },
    ];
    const [planned] = plan({ release, targets, snapshot: snapshot([namespace('team-a')]) });
    assert.deepEqual([planned?.desired.target.name, planned?.actions], ['default', []]);
  });

  test('leaves the copy alone in the release namespace where it is the source itself, and adds the reference', () => {
    const source = copy('registry-access', { labels: {}, annotations: {}, content: 'anything' });
    const state = snapshot([namespace('registry-access')], [source], [serviceAccount('registry-access')]);
    const [planned] = planOf(state, { rules: { sources: [{ secret: 'image-pull-secret' }] } });
    assert.deepEqual(
      planned?.actions.map(({ kind }) => kind),
      ['addReference'],
    );
    assert.deepEqual(planned?.conflicts, []);
  });
});

describe("someone else's Secret", () => {
  const foreign: Array<[because: string, rest: Partial<SecretRecord>]> = [
    ['without our label', { labels: {} }],
    ['with our label and no owner', { annotations: {} }],
    ['of another release', { annotations: { 'pullsecret-sync.io/owner': 'registry-access/other/team-a' } }],
    [
      'that is a copy exported from another namespace',
      { annotations: { 'pullsecret-sync.io/owner': 'registry-access/pullsecret-sync/team-b' } },
    ],
  ];
  for (const [because, rest] of foreign) {
    test(`${because} is kept, named with its writers, and gets no reference`, () => {
      const secret = copy('team-a', { content: 'theirs', managers: ['kubectl-create'], ...rest });
      const [planned] = planOf(snapshot([namespace('team-a')], [secret], [serviceAccount('team-a')]));
      assert.deepEqual(planned?.actions, []);
      assert.deepEqual(planned?.conflicts, [{ kind: 'foreignSecret', managers: ['kubectl-create'] }]);
    });
  }
});

describe('a list of pull secrets that another tool applies', () => {
  const state = snapshot([namespace('team-a')], inLine.secrets, [
    serviceAccount('team-a', { listAppliedBy: 'argocd' }),
  ]);

  test('is left alone and reported', () => {
    const [planned] = planOf(state);
    assert.deepEqual(planned?.actions, []);
    assert.deepEqual(planned?.conflicts, [{ kind: 'appliedList', serviceAccount: 'default', manager: 'argocd' }]);
  });

  test('gets the reference with skipApplied: false', () => {
    const [planned] = planOf(state, { rules: { serviceAccounts: { skipApplied: false } } });
    assert.deepEqual(
      planned?.actions.map(({ kind }) => kind),
      ['addReference'],
    );
  });
});
