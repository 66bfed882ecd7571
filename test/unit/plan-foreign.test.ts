import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SecretRecord, ServiceAccountRecord } from '../../job/src/cluster/cluster.ts';
import { copy, inLine, namespace, plainMarks, planOf, serviceAccount, snapshot, version } from './plan-support.ts';

describe("someone else's Secret", () => {
  const helm = {
    labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { 'meta.helm.sh/release-name': 'shop' },
  };
  const foreign: Array<[because: string, rest: Partial<SecretRecord>, owner: string, adoptable: boolean]> = [
    ['without our label', { labels: {} }, 'kubectl-create', true],
    ['with our label and no owner', { annotations: {} }, 'kubectl-create', true],
    ['that several wrote', { labels: {}, managers: ['kubectl-create', 'argocd'] }, 'kubectl-create, argocd', true],
    ['whose record tells nobody', { labels: {}, managers: [] }, 'an unknown writer', true],
    [
      'that is a copy exported from another namespace',
      { annotations: { 'pullsecret-sync.io/owner': 'registry-access/pullsecret-sync/team-b' } },
      'kubectl-create',
      true,
    ],
    [
      'of another release of ours',
      { annotations: { 'pullsecret-sync.io/owner': 'registry-access/other/team-a' } },
      'the release registry-access/other of pullsecret-sync',
      false,
    ],
    ['of a Helm release', helm, 'the Helm release shop', false],
    ['of a Helm release without a name', { ...helm, annotations: {} }, 'the Helm release (unknown)', false],
    [
      'of a Helm release that took over a copy that we had adopted',
      {
        labels: helm.labels,
        annotations: {
          ...helm.annotations,
          'pullsecret-sync.io/owner': 'registry-access/pullsecret-sync/team-a',
          'pullsecret-sync.io/adopted': 'true',
        },
      },
      'the Helm release shop',
      false,
    ],
  ];
  for (const [because, rest, owner, adoptable] of foreign) {
    const secret = copy('team-a', { content: 'theirs', managers: ['kubectl-create'], ...rest });
    const state = snapshot([namespace('team-a')], [secret], [serviceAccount('team-a')]);

    test(`${because} is kept, named with its owner, and gets no reference`, () => {
      const [planned] = planOf(state);
      assert.deepEqual(planned?.actions, []);
      assert.deepEqual(planned?.conflicts, [{ kind: 'keptSecret', owner, adoptable }]);
    });

    test(`${because} is ${adoptable ? 'taken over, with a mark of that,' : 'kept all the same'} with onConflict: adopt`, () => {
      const [planned] = planOf(state, { target: { onConflict: 'adopt' } });
      const kinds = planned?.actions.map(({ kind }) => kind);
      assert.deepEqual(kinds, adoptable ? ['updateCopy', 'addReference'] : []);
      const [action] = planned?.actions ?? [];
      if (action?.kind === 'updateCopy') assert.equal(action.marks.adopted, true);
    });
  }

  test('is told from the tool that made it, with what of that to stop', () => {
    const labels = { 'app.kubernetes.io/managed-by': 'kyverno', 'generate.kyverno.io/policy-name': 'sync-secrets' };
    const [planned] = planOf(snapshot([namespace('team-a')], [copy('team-a', { labels })]));
    const [conflict] = planned?.conflicts ?? [];
    assert.ok(conflict?.kind === 'keptSecret');
    assert.deepEqual([conflict.owner, conflict.tool?.name], Array(2).fill('the Kyverno policy sync-secrets'));
  });

  test('loses what ties it to another tool when it is adopted, and has our label then', () => {
    const labels = { 'app.kubernetes.io/managed-by': 'kyverno', 'generate.kyverno.io/policy-name': 'sync-secrets' };
    const secret = copy('team-a', { labels, annotations: {}, owners: ['Namespace team-a'] });
    const [planned] = planOf(snapshot([namespace('team-a')], [secret]), { target: { onConflict: 'adopt' } });
    assert.deepEqual(planned?.actions, [
      {
        kind: 'updateCopy',
        observed: version,
        marks: { labelled: true, adopted: true, retiredAt: undefined },
        ties: { labels: Object.keys(labels), annotations: [], owners: true },
      },
    ]);
  });

  test('loses what makes it a source of another tool when it is adopted', () => {
    const annotations = { 'replicator.v1.mittwald.de/replicate-to': '*' };
    const secret = copy('team-a', { labels: {}, annotations });
    const [planned] = planOf(snapshot([namespace('team-a')], [secret]), { target: { onConflict: 'adopt' } });
    assert.deepEqual(planned?.actions, [
      {
        kind: 'updateCopy',
        observed: version,
        marks: { labelled: true, adopted: true, retiredAt: undefined },
        ties: { labels: [], annotations: Object.keys(annotations), owners: false },
      },
    ]);
  });

  test('that is ours is freed again where a tool wrote it, though it holds what it shall', () => {
    const { annotations } = copy('team-a');
    const again = { ...annotations, 'reflector.v1.k8s.emberstack.com/reflects': 'infra/pull' };
    const state = snapshot([namespace('team-a')], [copy('team-a', { annotations: again })], inLine.accounts);
    assert.deepEqual(planOf(state)[0]?.actions, [
      {
        kind: 'updateCopy',
        observed: version,
        marks: plainMarks,
        ties: { labels: [], annotations: ['reflector.v1.k8s.emberstack.com/reflects'], owners: false },
      },
    ]);
  });

  test('that is ours, and somebody made a source of another tool, stays that', () => {
    const { annotations } = copy('team-a');
    const source = { ...annotations, 'reflector.v1.k8s.emberstack.com/reflection-allowed': 'true' };
    const of = (content: string) =>
      snapshot([namespace('team-a')], [copy('team-a', { annotations: source, content })], inLine.accounts);
    assert.deepEqual(planOf(of('wanted'))[0]?.actions, []);
    assert.deepEqual(planOf(of('old'))[0]?.actions, [{ kind: 'updateCopy', observed: version, marks: plainMarks }]);
  });

  test('that was adopted and has to be replaced says so as long as its target adopts', () => {
    const { annotations } = copy('team-a');
    const adopted = { ...annotations, 'pullsecret-sync.io/adopted': 'true' };
    const secret = copy('team-a', { annotations: adopted, immutable: true, content: 'old' });
    const replaced = (onConflict: string) =>
      planOf(snapshot([namespace('team-a')], [secret], inLine.accounts), { target: { onConflict } })[0]?.actions;
    const action = { kind: 'replaceCopy', observed: version, because: 'immutable' };
    assert.deepEqual(replaced('adopt'), [{ ...action, marks: { ...plainMarks, adopted: true } }]);
    assert.deepEqual(replaced('keep'), [{ ...action, marks: plainMarks }]);
  });

  test("keeps another tool's label when it is adopted", () => {
    const secret = copy('team-a', { labels: { 'app.kubernetes.io/managed-by': 'terraform' }, annotations: {} });
    const [planned] = planOf(snapshot([namespace('team-a')], [secret]), { target: { onConflict: 'adopt' } });
    assert.deepEqual(planned?.actions, [
      { kind: 'updateCopy', observed: version, marks: { labelled: false, adopted: true, retiredAt: undefined } },
    ]);
  });

  test('left by imagepullsecret-patcher is taken over in place and is ours from then on', () => {
    const annotations = { 'app.kubernetes.io/managed-by': 'imagepullsecret-patcher' };
    const secret = copy('team-a', { labels: {}, annotations, content: 'theirs' });
    const [planned] = planOf(snapshot([namespace('team-a')], [secret], inLine.accounts));
    assert.deepEqual(planned?.actions, [
      { kind: 'updateCopy', observed: version, marks: plainMarks, takenFrom: 'imagepullsecret-patcher' },
    ]);
  });

  test("left by imagepullsecret-patcher under another tool's label is adopted, or nothing would tell that it is ours", () => {
    const annotations = { 'app.kubernetes.io/managed-by': 'imagepullsecret-patcher' };
    const labels = { 'app.kubernetes.io/managed-by': 'terraform' };
    const secret = copy('team-a', { labels, annotations, content: 'theirs' });
    const [planned] = planOf(snapshot([namespace('team-a')], [secret], inLine.accounts));
    assert.deepEqual(planned?.actions, [
      {
        kind: 'updateCopy',
        observed: version,
        marks: { labelled: false, adopted: true, retiredAt: undefined },
        takenFrom: 'imagepullsecret-patcher',
      },
    ]);
  });

  test('of a release that we follow is ours, and gets our mark', () => {
    const secret = copy('team-a', { annotations: { 'pullsecret-sync.io/owner': 'old/name/team-a' } });
    const account = serviceAccount('team-a', {
      imagePullSecrets: ['image-pull-secret'],
      annotations: { 'pullsecret-sync.io/added': 'old/name:image-pull-secret' },
    });
    const state = snapshot([namespace('team-a')], [secret], [account]);
    const [planned] = planOf(state, { rules: { previousReleases: [{ namespace: 'old', name: 'name' }] } });
    assert.deepEqual(planned?.actions, [
      { kind: 'updateCopy', observed: version, marks: plainMarks },
      { kind: 'addReference', serviceAccount: account },
    ]);
  });
});

describe('a ServiceAccount beside a Secret that is kept', () => {
  const annotations = { 'pullsecret-sync.io/added': 'registry-access/pullsecret-sync:image-pull-secret' };
  const account = serviceAccount('team-a', { imagePullSecrets: ['image-pull-secret'], annotations });
  const state = snapshot([namespace('team-a')], [copy('team-a', { labels: {}, annotations: {} })], [account]);

  test('keeps the reference that is there', () => {
    const [planned] = planOf(state);

    assert.deepEqual([planned?.actions, planned?.conflicts.length], [[], 1]);
  });

  test('loses it once it is excluded', () => {
    const [planned] = planOf(state, { target: { serviceAccounts: { exclude: ['default'] } } });

    assert.deepEqual(planned?.actions, [{ kind: 'removeReference', serviceAccount: account }]);
    assert.equal(planned?.conflicts.length, 1);
  });
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
    const [planned] = planOf(state, { target: { serviceAccounts: { skipApplied: false } } });
    assert.deepEqual(
      planned?.actions.map(({ kind }) => kind),
      ['addReference'],
    );
  });

  const marked = (rest: Partial<ServiceAccountRecord> = {}) =>
    serviceAccount('team-a', {
      imagePullSecrets: ['theirs', 'image-pull-secret'],
      annotations: { 'pullsecret-sync.io/added': 'registry-access/pullsecret-sync:image-pull-secret' },
      listAppliedBy: 'argocd',
      ...rest,
    });
  const excluded = { namespaces: { exclude: ['team-a'] } };
  const kept = { kind: 'appliedReference', serviceAccount: 'default', manager: 'argocd' };

  test('keeps our reference that is wanted no more, and that is reported', () => {
    const inside = snapshot([namespace('team-a')], inLine.secrets, [marked()]);

    const [gone] = planOf(inside, { target: excluded });
    const [left] = planOf(inside, { target: { serviceAccounts: { exclude: ['default'] } } });

    assert.deepEqual([gone?.actions.map(({ kind }) => kind), gone?.conflicts], [['deleteCopy'], [kept]]);
    assert.deepEqual([left?.actions, left?.conflicts], [[], [kept]]);
  });

  test('keeps our reference, and that is reported, where nothing else of ours is left', () => {
    const planned = planOf(snapshot([namespace('team-a')], [], [marked()]), { target: excluded });

    assert.deepEqual(
      planned.map(({ actions, conflicts }) => [actions, conflicts]),
      [[[], [kept]]],
    );
  });

  test('loses our reference with skipApplied: false, and whatever is set where no target is left', () => {
    const inside = snapshot([namespace('team-a')], [], [marked()]);
    const unskipped = { ...excluded, serviceAccounts: { skipApplied: false } };

    for (const options of [
      { target: unskipped },
      { targets: [], rules: { previousSecretNames: ['image-pull-secret'] } },
    ]) {
      const [planned] = planOf(inside, options);
      assert.deepEqual([planned?.actions.map(({ kind }) => kind), planned?.conflicts], [['removeReference'], []]);
    }
  });

  test('loses the mark of a reference that the tool took out itself', () => {
    const inside = snapshot([namespace('team-a')], [], [marked({ imagePullSecrets: ['theirs'] })]);

    const [planned] = planOf(inside, { target: excluded });

    assert.deepEqual([planned?.actions.map(({ kind }) => kind), planned?.conflicts], [['removeReference'], []]);
  });
});
