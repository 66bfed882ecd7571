import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { targetWith } from '../support/selection-cases.ts';
import {
  copy,
  fullPlanOf,
  inLine,
  namespace,
  planOf,
  rules,
  serviceAccount,
  snapshot,
  version,
} from './plan-support.ts';

describe('a namespace that is excluded later', () => {
  const marked = serviceAccount('team-a', {
    imagePullSecrets: ['theirs', 'image-pull-secret'],
    annotations: { 'pullsecret-sync.io/added': 'registry-access/pullsecret-sync:image-pull-secret' },
  });
  const excluded = { target: { namespaces: { exclude: ['team-a'] } } };

  test('loses exactly what we added, the reference first', () => {
    const [planned] = planOf(snapshot([namespace('team-a')], inLine.secrets, [marked]), excluded);
    assert.deepEqual(planned?.actions, [
      { kind: 'removeReference', serviceAccount: marked },
      { kind: 'deleteCopy', observed: version },
    ]);
  });

  test('keeps a reference that was there before us', () => {
    const [planned] = planOf(snapshot([namespace('team-a')], inLine.secrets, inLine.accounts), excluded);
    assert.deepEqual(planned?.actions, [{ kind: 'deleteCopy', observed: version }]);
  });

  test('gets a Secret back that was adopted', () => {
    const secret = copy('team-a');
    const annotations = { ...secret.annotations, 'pullsecret-sync.io/adopted': 'true' };
    const [planned] = planOf(snapshot([namespace('team-a')], [{ ...secret, annotations }]), excluded);
    assert.deepEqual(planned?.actions, [
      {
        kind: 'handBackCopy',
        observed: version,
        labels: ['app.kubernetes.io/managed-by'],
        annotations: ['pullsecret-sync.io/owner', 'pullsecret-sync.io/adopted', 'pullsecret-sync.io/retired-at'],
      },
    ]);
  });

  test("gets a Secret that was adopted back with the other tool's label", () => {
    const { annotations: owner } = copy('team-a');
    const annotations = { ...owner, 'pullsecret-sync.io/adopted': 'true' };
    const secret = copy('team-a', { annotations, labels: { 'app.kubernetes.io/managed-by': 'theirs' } });
    const [planned] = planOf(snapshot([namespace('team-a')], [secret]), excluded);
    assert.deepEqual(
      planned?.actions.map((action) => 'labels' in action && action.labels),
      [[]],
    );
  });

  test('that has nothing of ours is not in the plan', () => {
    assert.deepEqual(planOf(snapshot([namespace('team-a')], [], [serviceAccount('team-a')]), excluded), []);
  });
});

describe('a namespace that comes to a target of another secret name', () => {
  const moved = (content: string | undefined) => [
    { target: targetWith({ name: 'new', secretName: 'new', namespaces: { include: ['team-a'] } }), content },
    { target: targetWith({ namespaces: { exclude: ['team-a'] } }), content: 'wanted' },
  ];
  const newSecret = (rest: object) => copy('team-a', { name: 'new', ...rest });
  const removals = (targets: ReturnType<typeof moved>, ...secrets: ReturnType<typeof copy>[]) =>
    planOf(snapshot([namespace('team-a')], [...inLine.secrets, ...secrets]), { targets })
      .flatMap(({ actions }) => actions)
      .filter(({ kind }) => kind === 'deleteCopy').length;

  test('loses the old copy, and gets the new one', () => {
    const planned = planOf(snapshot([namespace('team-a')], inLine.secrets, inLine.accounts), {
      targets: moved('wanted'),
    });
    assert.deepEqual(
      planned.map(({ secretName, actions }) => [secretName, actions.map(({ kind }) => kind)]),
      [
        ['new', ['createCopy', 'addReference']],
        ['image-pull-secret', ['deleteCopy']],
      ],
    );
  });

  test('keeps the old copy, and its reference, where the source of the new one is not in order', () => {
    assert.deepEqual(
      planOf(snapshot([namespace('team-a')], inLine.secrets, inLine.accounts), { targets: moved(undefined) }).map(
        ({ secretName, actions }) => [secretName, actions],
      ),
      [['new', []]],
    );
  });

  test('keeps the old copy where the new name is that of a Secret of somebody else', () => {
    assert.equal(removals(moved('wanted'), newSecret({ labels: {}, annotations: {} })), 0);
    const adopting = moved('wanted').map(({ target, content }) => ({
      target: { ...target, onConflict: 'adopt' as const },
      content,
    }));
    assert.equal(removals(adopting, newSecret({ labels: {}, annotations: {} })), 1);
  });

  test('loses the old copy where a source that has the new name is in its place', () => {
    const targets = [
      { target: targetWith({ secretName: 'source', sources: [{ secret: 'source' }] }), content: 'wanted' },
      { target: targetWith({ name: 'old', namespaces: { include: ['none'] } }), content: 'wanted' },
    ];
    const place = rules.release.namespace;
    const secrets = [copy(place, {}), copy(place, { name: 'source', labels: {}, annotations: {} })];
    const planned = planOf(snapshot([namespace(place)], secrets), { targets });
    assert.deepEqual(
      planned.map(({ secretName, actions }) => [secretName, actions.map(({ kind }) => kind)]),
      [
        ['source', []],
        ['image-pull-secret', ['deleteCopy']],
      ],
    );
  });

  test('loses the old copy where the new one is there already, though its source is not in order now', () => {
    assert.equal(removals(moved(undefined), newSecret({})), 1);
  });
});

describe('a ServiceAccount that is excluded later', () => {
  test('loses our reference, and the copy stays', () => {
    const account = serviceAccount('team-a', {
      imagePullSecrets: ['image-pull-secret'],
      annotations: { 'pullsecret-sync.io/added': 'registry-access/pullsecret-sync:image-pull-secret' },
    });
    const state = snapshot([namespace('team-a')], inLine.secrets, [account]);
    const [planned] = planOf(state, { target: { serviceAccounts: { exclude: ['default'] } } });
    assert.deepEqual(
      planned?.actions.map(({ kind }) => kind),
      ['removeReference'],
    );
  });
});

describe('maxRemovePercent', () => {
  const names = Array.from({ length: 20 }, (_, index) => `team-${index}`);
  const state = snapshot(
    names.map((name) => namespace(name)),
    names.map((name) => copy(name)),
  );

  test('lets up to half of the copies go', () => {
    const planned = fullPlanOf(state, { target: { namespaces: { exclude: names.slice(0, 10) } } });
    assert.equal(planned.withheldCopies, undefined);
    assert.equal(planned.placements.filter(({ actions }) => actions[0]?.kind === 'deleteCopy').length, 10);
  });

  test('withholds every removal where more than half would go, and nothing else', () => {
    const planned = fullPlanOf(state, { target: { namespaces: { exclude: names.slice(0, 11) } }, content: 'rotated' });
    assert.equal(planned.withheldCopies?.removals, 11);
    assert.deepEqual(
      [...new Set(planned.placements.flatMap(({ actions }) => actions.map(({ kind }) => kind)))],
      ['updateCopy'],
    );
    assert.equal(planned.placements.length, 9);
  });

  test('counts no Secret of somebody else, which would hide what a typo removes', () => {
    const foreign = names.slice(11).map((name) => copy(name, { labels: {}, annotations: {} }));
    const mixed = snapshot(
      names.map((name) => namespace(name)),
      [...names.slice(0, 11).map((name) => copy(name)), ...foreign],
    );

    const planned = fullPlanOf(mixed, { target: { namespaces: { exclude: names.slice(0, 6) } } });

    assert.equal(planned.withheldCopies?.removals, 6);
  });

  test('looks at each name by itself, so that another target does not hide what a typo removes', () => {
    const others = names.map((name) => copy(name, { name: 'other' }));
    const both = snapshot(
      names.map((name) => namespace(name)),
      [...names.map((name) => copy(name)), ...others],
    );
    const targets = [
      { target: targetWith({ namespaces: { include: ['nothing'] } }), content: 'wanted' },
      { target: targetWith({ name: 'other', secretName: 'other' }), content: 'wanted' },
    ];
    assert.equal(fullPlanOf(both, { targets }).withheldCopies?.removals, 20);
  });

  test('looks at all names together, too', () => {
    const both = snapshot(
      names.map((name) => namespace(name)),
      ['one', 'other'].flatMap((name) => names.slice(0, 9).map((inside) => copy(inside, { name }))),
    );
    const without = (count: number) =>
      ['one', 'other'].map((name) => ({
        target: targetWith({ name, secretName: name, namespaces: { exclude: names.slice(0, count) } }),
        content: 'wanted',
      }));
    assert.equal(fullPlanOf(both, { targets: without(5) }).withheldCopies?.removals, 10);
    assert.equal(fullPlanOf(both, { targets: without(4) }).withheldCopies, undefined);
  });

  test('withholds all where one name alone loses too many', () => {
    const both = snapshot(
      names.map((name) => namespace(name)),
      [...names.slice(0, 10), ...names].map((name, index) => copy(name, { name: index < 10 ? 'one' : 'other' })),
    );
    const targets = [
      { target: targetWith({ secretName: 'one', namespaces: { exclude: names.slice(0, 6) } }), content: 'wanted' },
      {
        target: targetWith({ name: 'other', secretName: 'other', namespaces: { exclude: names.slice(0, 1) } }),
        content: 'wanted',
      },
    ];
    assert.equal(fullPlanOf(both, { targets }).withheldCopies?.removals, 7);
  });

  test('does not count copies that retire, which were named for removal and are due together', () => {
    const old = names.map((name) => copy(name, { name: 'old-name' }));
    const renamed = snapshot(
      names.map((name) => namespace(name)),
      [...names.map((name) => copy(name)), ...old],
    );

    const planned = fullPlanOf(renamed, { rules: { previousSecretNames: ['old-name'], retireAfter: 0 } });

    assert.equal(planned.withheldCopies, undefined);
    assert.equal(planned.placements.filter(({ actions }) => actions[0]?.kind === 'deleteCopy').length, 20);
  });

  test('counts copies of a previous name in namespaces that nobody selects any more', () => {
    const old = snapshot(
      names.map((name) => namespace(name)),
      names.map((name) => copy(name, { name: 'old-name' })),
    );

    const planned = fullPlanOf(old, {
      target: { namespaces: { include: ['nothing'] } },
      rules: { previousSecretNames: ['old-name'] },
    });

    assert.equal(planned.withheldCopies?.removals, 20);
  });

  test('always lets five go', () => {
    const few = snapshot(
      names.slice(0, 5).map((name) => namespace(name)),
      names.slice(0, 5).map((name) => copy(name)),
    );
    assert.equal(fullPlanOf(few, { target: { namespaces: { exclude: ['*'] } } }).withheldCopies, undefined);
  });

  describe('counts what went lately', () => {
    const [gone, left] = [names.slice(0, 10), names.slice(10)];
    const placeIn = (inside: string) => ({ namespace: inside, secretName: 'image-pull-secret' });
    /** Ten of twenty are gone, and one more would go. */
    const planAfter = ({
      lately = gone.map(placeIn),
      namespaces = names.map((name) => namespace(name)),
      secrets = left.map((name) => copy(name)),
      exclude = names.slice(0, 11),
      target = {},
    } = {}) => {
      const after = snapshot(namespaces, secrets);
      return fullPlanOf(after, { target: { namespaces: { exclude }, ...target }, removedLately: lately })
        .withheldCopies;
    };

    test('so that what goes one after the other is too much, too', () => {
      assert.deepEqual(planAfter(), { removals: 1, gone: 10 });
      assert.equal(planAfter({ lately: [] }), undefined);
    });

    test('once, however often it went, and with what there was then', () => {
      const lately = [...gone.slice(1), ...gone.slice(1)].map(placeIn);
      const secrets = [...left, 'team-0'].map((name) => copy(name));
      const exclude = gone;

      assert.equal(planAfter({ lately, secrets, exclude }), undefined);
      assert.deepEqual(planAfter({ lately, secrets, exclude: names.slice(0, 11) }), { removals: 2, gone: 9 });
    });

    test('and says nothing where nothing goes now', () => {
      const secrets = left.slice(5).map((name) => copy(name));
      assert.equal(planAfter({ secrets, exclude: gone }), undefined);
    });

    test('where a reference to it is still to go, too', () => {
      const annotations = { 'pullsecret-sync.io/added': 'registry-access/pullsecret-sync:image-pull-secret' };
      const left = gone.map((name) => serviceAccount(name, { imagePullSecrets: ['image-pull-secret'], annotations }));
      const secrets = names.slice(10).map((name) => copy(name));
      const after = snapshot(
        names.map((name) => namespace(name)),
        secrets,
        left,
      );
      const target = { namespaces: { exclude: names.slice(0, 11) } };

      assert.deepEqual(fullPlanOf(after, { target, removedLately: gone.map(placeIn) }).withheldCopies, {
        removals: 1,
        gone: 10,
      });
    });

    test('by each name', () => {
      const secrets = [...left.map((name) => copy(name)), ...names.map((name) => copy(name, { name: 'other' }))];
      const targets = [
        { target: targetWith({ namespaces: { exclude: names.slice(0, 11) } }), content: 'wanted' },
        { target: targetWith({ name: 'other', secretName: 'other' }), content: 'wanted' },
      ];
      const state = snapshot(
        names.map((name) => namespace(name)),
        secrets,
      );

      const planned = fullPlanOf(state, { targets, removedLately: gone.map(placeIn) });

      assert.deepEqual(planned.withheldCopies, { removals: 1, gone: 10 });
    });

    for (const [what, state] of [
      ['that is back', { secrets: names.map((name) => copy(name)), exclude: names.slice(10, 20) }],
      ['that is wanted again', { exclude: names.slice(10, 15) }],
      ['whose namespace is gone', { namespaces: left.map((name) => namespace(name)) }],
      [
        'whose namespace goes',
        { namespaces: names.map((name) => namespace(name, { terminating: gone.includes(name) })) },
      ],
      [
        'of a name that is not looked at any more',
        { lately: gone.map((inside) => ({ ...placeIn(inside), secretName: 'old' })) },
      ],
    ] as const) {
      test(`but nothing ${what}`, () => {
        assert.equal(planAfter(state as Parameters<typeof planAfter>[0]), undefined);
      });
    }
  });
});
