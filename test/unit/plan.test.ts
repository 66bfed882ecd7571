import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SecretRecord } from '../../job/src/cluster/cluster.ts';
import type { Snapshot } from '../../job/src/plan/observe.ts';
import type { DesiredTarget } from '../../job/src/plan/placement.ts';
import { targetWith } from '../support/selection-cases.ts';
import {
  copy,
  inLine,
  namespace,
  type PlanOptions,
  plainMarks,
  planOf,
  serviceAccount,
  snapshot,
  version,
} from './plan-support.ts';

describe('the plan', () => {
  test('of a new namespace creates the copy first and then adds the reference, with its mark', () => {
    const account = serviceAccount('team-a', { imagePullSecrets: ['theirs'] });
    const [planned] = planOf(snapshot([namespace('team-a')], [], [account]));
    assert.deepEqual(planned?.actions, [{ kind: 'createCopy' }, { kind: 'addReference', serviceAccount: account }]);
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
    assert.deepEqual(planned?.actions, [{ kind: 'updateCopy', observed: version, marks: plainMarks }]);
  });

  test('replaces a copy of ours with a wrong type, which the API does not let change', () => {
    const [planned] = planOf(
      snapshot([namespace('team-a')], [copy('team-a', { type: 'Opaque', content: undefined })], inLine.accounts),
    );
    assert.deepEqual(planned?.actions, [
      { kind: 'replaceCopy', observed: version, because: 'wrong type', marks: plainMarks },
    ]);
  });

  test('replaces an immutable copy of ours only when its content differs', () => {
    const immutable = (content: string) =>
      snapshot([namespace('team-a')], [copy('team-a', { immutable: true, content })], inLine.accounts);
    assert.deepEqual(planOf(immutable('old'))[0]?.actions, [
      { kind: 'replaceCopy', observed: version, because: 'immutable', marks: plainMarks },
    ]);
    assert.deepEqual(planOf(immutable('wanted'))[0]?.actions, []);
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
      { target: targetWith(), content: undefined },
      { target: targetWith({ name: 'second' }), content: 'wanted' },
    ];
    const [planned] = planOf(snapshot([namespace('team-a')]), { targets });
    assert.deepEqual([planned?.desired?.target.name, planned?.actions], ['default', []]);
  });

  test('leaves the copy alone in the release namespace where it is the source itself, and adds the reference', () => {
    const source = copy('registry-access', { labels: {}, annotations: {}, content: 'anything' });
    const state = snapshot([namespace('registry-access')], [source], [serviceAccount('registry-access')]);
    const [planned] = planOf(state, { target: { sources: [{ secret: 'image-pull-secret' }] } });
    assert.deepEqual(
      planned?.actions.map(({ kind }) => kind),
      ['addReference'],
    );
    assert.deepEqual(planned?.conflicts, []);
  });
});

describe('several targets', () => {
  const two = (rest: object = {}) => [
    { target: targetWith({ name: 'team', namespaces: { include: ['team-*'] }, ...rest }), content: 'team' },
    { target: targetWith({ name: 'default' }), content: 'wanted' },
  ];

  test('with one secret name: the first that selects a namespace wins', () => {
    const planned = planOf(snapshot([namespace('team-a'), namespace('shop')]), { targets: two() });
    assert.deepEqual(
      planned.map(({ namespace: inside, desired }) => [inside, desired?.target.name]),
      [
        ['team-a', 'team'],
        ['shop', 'default'],
      ],
    );
  });

  test('with names of their own: a namespace gets a copy of each', () => {
    const planned = planOf(snapshot([namespace('team-a')]), { targets: two({ secretName: 'team-secret' }) });
    assert.deepEqual(
      planned.map(({ secretName }) => secretName),
      ['team-secret', 'image-pull-secret'],
    );
  });
});

describe('a Secret that some target reads as its source', () => {
  const inRelease = namespace('registry-access');
  const source = (rest: Partial<SecretRecord> = {}) =>
    copy('registry-access', { name: 'shared', labels: {}, annotations: {}, content: 'theirs', ...rest });
  const targets = [
    { target: targetWith({ secretName: 'shared', onConflict: 'adopt' }), content: 'wanted' },
    { target: targetWith({ name: 'other', sources: [{ secret: 'shared' }] }), content: 'other' },
  ];
  const writes = (state: Snapshot, options: PlanOptions) =>
    planOf(state, options)
      .filter(({ secretName }) => secretName === 'shared')
      .flatMap(({ actions }) => actions.map(({ kind }) => kind));

  test('is not overwritten by another target of that name, even with onConflict: adopt', () => {
    assert.deepEqual(writes(snapshot([inRelease], [source()]), { targets }), []);
  });

  test('is not overwritten where it is one of several sources', () => {
    const several = { name: 'other', sources: [{ file: '/etc/config.json' }, { secret: 'shared' }] };
    const [first] = targets;

    assert.deepEqual(
      writes(snapshot([inRelease], [source()]), {
        targets: [first as DesiredTarget, { target: targetWith(several), content: 'other' }],
      }),
      [],
    );
  });

  test('is not deleted where nobody wants a copy of that name, even if it carries our marks', () => {
    const marked = { ...copy('registry-access'), name: 'shared' };
    const rules = { targets: targets.map((desired) => desired.target), previousSecretNames: ['shared'] };
    assert.deepEqual(writes(snapshot([inRelease], [marked]), { targets: [], rules }), []);
  });

  test('gets no reference once it is gone', () => {
    const state = snapshot([inRelease], [], [serviceAccount('registry-access')]);
    assert.deepEqual(writes(state, { targets }), []);
  });

  test('makes a name that was in use once wait there once it is gone', () => {
    const old = copy('registry-access', { name: 'old-name', content: 'anything' });
    const only = [targets[0] as DesiredTarget];
    const rules = { targets: targets.map((desired) => desired.target), previousSecretNames: ['old-name'] };

    const planned = planOf(snapshot([inRelease], [old]), { targets: only, rules });

    const desired = { target: only[0]?.target, content: undefined };
    assert.deepEqual(
      planned.map((one) => [one.secretName, one.desired, one.actions]),
      [
        ['shared', desired, []],
        ['old-name', desired, []],
      ],
    );
  });
});
