import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ServiceAccountRecord } from '../../job/src/cluster/cluster.ts';
import type { Removal } from '../../job/src/plan/removals.ts';
import { targetWith } from '../support/selection-cases.ts';
import { copy, fullPlanOf, namespace, type PlanOptions, serviceAccount, snapshot } from './plan-support.ts';

const names = Array.from({ length: 20 }, (_, index) => `team-${index}`);
const excluded = { 'pullsecret-sync.io/exclude': 'true' };
const markOf = (secretName: string) => ({
  'pullsecret-sync.io/added': `registry-access/pullsecret-sync:${secretName}`,
});

function referencing(inside: string, rest: Partial<ServiceAccountRecord> = {}): ServiceAccountRecord {
  const annotations = { ...markOf('image-pull-secret'), ...rest.annotations };
  return serviceAccount(inside, { imagePullSecrets: ['image-pull-secret'], ...rest, annotations });
}

interface State {
  accounts?: ServiceAccountRecord[];
  copies?: ReturnType<typeof copy>[];
}

/** Twenty namespaces with a copy in each, and a reference to it. */
function planWith({ accounts = names.map((name) => referencing(name)), ...state }: State, options: PlanOptions) {
  const { copies = names.map((name) => copy(name)) } = state;
  const all = snapshot(
    names.map((name) => namespace(name)),
    copies,
    accounts,
  );
  const planned = fullPlanOf(all, options);
  const actions = planned.placements.flatMap((placement) => placement.actions.map(({ kind }) => kind));
  return { ...planned, taken: actions.filter((kind) => kind === 'removeReference').length, actions: new Set(actions) };
}

/** Whose reference went. */
function taken(inside: string): ServiceAccountRecord {
  return serviceAccount(inside, { annotations: excluded });
}

const removedLately: Removal[] = names
  .slice(0, 10)
  .map((inside) => ({ namespace: inside, secretName: 'image-pull-secret', serviceAccount: 'default' }));

/** The annotation is on the ServiceAccounts of so many of the namespaces. */
function excludedIn(count: number): ServiceAccountRecord[] {
  return names.map((name, index) => referencing(name, index < count ? { annotations: excluded } : {}));
}

const typo = { target: { serviceAccounts: { exclude: ['de*'] } } };

describe('references to copies that stay', () => {
  test('go where they are half of all at most', () => {
    const { withheldReferences, taken } = planWith({ accounts: excludedIn(10) }, {});

    assert.equal(withheldReferences, undefined);
    assert.equal(taken, 10);
  });

  test('go where they are half of all at most, with the marks of a release that was followed beside ours', () => {
    const rules = { previousReleases: [{ namespace: 'old', name: 'name' }] };

    assert.equal(planWith({ accounts: excludedIn(10) }, { rules }).taken, 10);
  });

  test('are not hidden by marks of references that somebody took out', () => {
    const accounts = names.map((name, index) =>
      index < 6
        ? referencing(name, { annotations: excluded })
        : referencing(name, index < 10 ? {} : { imagePullSecrets: ['theirs'] }),
    );

    assert.deepEqual(planWith({ accounts }, {}).withheldReferences, { removals: 6, gone: 0 });
  });

  test('stay where more would go, and all else is done', () => {
    const { withheldReferences, withheldCopies, actions } = planWith({}, { ...typo, content: 'rotated' });

    assert.deepEqual(withheldReferences, { removals: 20, gone: 0 });
    assert.equal(withheldCopies, undefined);
    assert.deepEqual([...actions], ['updateCopy']);
  });

  test('may always go where they are five', () => {
    const accounts = names.slice(0, 5).map((name) => referencing(name));

    assert.equal(planWith({ accounts }, typo).taken, 5);
  });

  test('are counted by each name, so that another target does not hide what a typo takes out', () => {
    const both = {
      ...markOf('image-pull-secret'),
      'pullsecret-sync.io/added': 'registry-access/pullsecret-sync:other',
    };
    const others = ['builder', 'deployer'].flatMap((account) =>
      names.map((name) => referencing(name, { name: account, imagePullSecrets: ['other'], annotations: both })),
    );
    const targets = [
      { target: targetWith({ serviceAccounts: { exclude: ['de*'] } }), content: 'wanted' },
      {
        target: targetWith({
          name: 'other',
          secretName: 'other',
          serviceAccounts: { include: ['*'], exclude: ['default'] },
        }),
        content: 'wanted',
      },
    ];
    const accounts = [...names.map((name) => referencing(name)), ...others];
    const copies = names.flatMap((name) => [copy(name), copy(name, { name: 'other' })]);

    assert.deepEqual(planWith({ accounts, copies }, { targets }).withheldReferences, { removals: 20, gone: 0 });
  });

  test('count with those that went lately', () => {
    const accounts = names.map((name, index) => (index < 10 ? taken(name) : referencing(name)));
    const next = (count: number) =>
      accounts.map((one, index) =>
        index >= 10 && index < 10 + count ? referencing(one.namespace, { annotations: excluded }) : one,
      );

    assert.deepEqual(planWith({ accounts: next(1) }, { removedLately }).withheldReferences, { removals: 1, gone: 10 });
    assert.equal(planWith({ accounts: next(1) }, {}).withheldReferences, undefined);
  });

  test('count with those that went lately beside others of their namespaces', () => {
    const others = names.map((name) => serviceAccount(name, { name: 'builder' }));
    const accounts = names.map((name, index) =>
      index < 10 ? taken(name) : referencing(name, index === 10 ? { annotations: excluded } : {}),
    );
    const target = { serviceAccounts: { include: ['*'] } };

    assert.deepEqual(planWith({ accounts: [...others, ...accounts] }, { target, removedLately }).withheldReferences, {
      removals: 1,
      gone: 10,
    });
  });

  for (const [what, first, options] of [
    ['is back', [referencing('team-0', { annotations: excluded })]],
    ['is wanted again', [serviceAccount('team-0')]],
    ['went with its ServiceAccount', []],
    [
      'was in a namespace that is not selected any more',
      [taken('team-0')],
      { target: { namespaces: { exclude: ['team-0'] } } },
    ],
  ] as Array<[what: string, first: ServiceAccountRecord[], options?: PlanOptions]>) {
    test(`do not count with one that ${what}`, () => {
      const others = names
        .slice(1)
        .map((name, index) => (index < 9 ? taken(name) : referencing(name, { annotations: excluded })));

      const { withheldReferences } = planWith({ accounts: [...first, ...others] }, { removedLately, ...options });

      assert.equal(withheldReferences?.gone, 9);
    });
  }

  test('do not count with copies that went', () => {
    const places = names.map((one) => ({ namespace: one, secretName: 'image-pull-secret' }));

    assert.deepEqual(planWith({}, { ...typo, removedLately: places }).withheldReferences, { removals: 20, gone: 0 });
  });
});

describe('what is no reference that a typo takes out does not count', () => {
  test('a mark where somebody took the reference out', () => {
    const accounts = names.map((name) => referencing(name, { imagePullSecrets: ['theirs'] }));

    assert.equal(planWith({ accounts }, typo).taken, 20);
  });

  test('a reference that was there before us', () => {
    const accounts = names.map((name) => serviceAccount(name, { imagePullSecrets: ['image-pull-secret'] }));
    const ours = names.slice(0, 6).map((name) => referencing(name, { name: 'builder' }));

    const { withheldReferences } = planWith(
      { accounts: [...accounts, ...ours] },
      { target: { serviceAccounts: { include: ['*'], exclude: ['builder'] } } },
    );

    assert.deepEqual(withheldReferences, { removals: 6, gone: 0 });
  });

  test('a reference to a copy that goes, too', () => {
    const { withheldReferences, withheldCopies, taken } = planWith(
      {},
      { target: { namespaces: { exclude: names.slice(10) } } },
    );

    assert.deepEqual([withheldReferences, withheldCopies], [undefined, undefined]);
    assert.equal(taken, 10);
  });

  test('a reference by a name that was in use once', () => {
    const old = { name: 'old-name' };
    const accounts = names.map((name) =>
      serviceAccount(name, { imagePullSecrets: ['old-name'], annotations: markOf('old-name') }),
    );
    const copies = names.flatMap((name) => [copy(name), copy(name, old)]);

    assert.equal(planWith({ accounts, copies }, { rules: { previousSecretNames: ['old-name'] } }).taken, 20);
  });

  test('a ServiceAccount that somebody named for removal', () => {
    const rules = { previousServiceAccounts: ['def*'] };

    assert.equal(planWith({}, { rules, target: { serviceAccounts: { include: ['builder'] } } }).taken, 20);
  });

  test('but one that is still included is not meant by that', () => {
    const { withheldReferences } = planWith({}, { rules: { previousServiceAccounts: ['*'] }, ...typo });

    assert.deepEqual(withheldReferences, { removals: 20, gone: 0 });
  });
});
