import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SecretRecord, ServiceAccountRecord } from '../../job/src/cluster/cluster.ts';
import type { DesiredTarget } from '../../job/src/plan/placement.ts';
import { targetWith } from '../support/selection-cases.ts';
import {
  base64,
  copy,
  namespace,
  now,
  type PlanOptions,
  plainMarks,
  planOf,
  serviceAccount,
  snapshot,
  version,
} from './plan-support.ts';

describe('a secret that was renamed', () => {
  const old = (rest: Partial<SecretRecord> = {}) => copy('team-a', { name: 'old-name', ...rest });
  const account = serviceAccount('team-a', {
    imagePullSecrets: ['old-name'],
    annotations: { 'pullsecret-sync.io/added': 'registry-access/pullsecret-sync:old-name' },
  });
  const renamed = { rules: { previousSecretNames: ['old-name'] } };
  const actionsOf = (secrets: SecretRecord[], options: PlanOptions = renamed) =>
    planOf(snapshot([namespace('team-a')], secrets, [account]), options).find(
      ({ secretName }) => secretName === 'old-name',
    )?.actions;

  test('loses its references at once; its copy says since when it is retired', () => {
    assert.deepEqual(actionsOf([old()]), [
      { kind: 'updateCopy', observed: version, marks: { ...plainMarks, retiredAt: now.toISOString() } },
      { kind: 'removeReference', serviceAccount: account },
    ]);
  });

  const retired = (minutes: number, content = 'wanted') => {
    const retiredAt = new Date(now.getTime() - minutes * 60_000).toISOString();
    return old({ content, annotations: { ...old().annotations, 'pullsecret-sync.io/retired-at': retiredAt } });
  };

  test('stays current while it is retired', () => {
    assert.deepEqual(
      actionsOf([retired(30)])?.map(({ kind }) => kind),
      ['removeReference'],
    );
    assert.deepEqual(
      actionsOf([retired(30, 'old')])?.map(({ kind }) => kind),
      ['updateCopy', 'removeReference'],
    );
  });

  test('says when it goes: milliseconds', () => {
    const state = snapshot([namespace('team-a')], [copy('team-a'), retired(30)], [account]);

    assert.deepEqual(
      planOf(state, renamed).map(({ secretName, goesAt }) => [secretName, goesAt]),
      [
        ['image-pull-secret', undefined],
        ['old-name', now.getTime() + 30 * 60_000],
      ],
    );
  });

  test('that somebody made a source of another tool stays that', () => {
    const { annotations } = retired(30);
    const source = { ...annotations, 'reflector.v1.k8s.emberstack.com/reflection-allowed': 'true' };

    assert.deepEqual(
      actionsOf([old({ annotations: source })])?.map(({ kind }) => kind),
      ['removeReference'],
    );
  });

  test('that somebody else has now keeps its content, and loses our reference', () => {
    const foreign = old({ labels: {}, annotations: {}, content: 'theirs' });

    assert.deepEqual(actionsOf([foreign]), [{ kind: 'removeReference', serviceAccount: account }]);
  });

  test('goes when retireAfter is over', () => {
    assert.deepEqual(
      actionsOf([retired(61)])?.map(({ kind }) => kind),
      ['removeReference', 'deleteCopy'],
    );
  });

  for (const [what, date] of [
    ['that cannot be read', 'yesterday'],
    ['that is yet to come', '2999-01-01T00:00:00.000Z'],
  ] as const) {
    test(`with a date of retirement ${what} retires as of now`, () => {
      const annotations = { ...old().annotations, 'pullsecret-sync.io/retired-at': date };

      const [action] = actionsOf([old({ annotations })]) ?? [];

      const retiredAt = now.toISOString();
      assert.deepEqual(action, { kind: 'updateCopy', observed: version, marks: { ...plainMarks, retiredAt } });
    });
  }

  test("stays as it is where the target's sources are not in order", () => {
    const state = snapshot([namespace('team-a')], [retired(61)], [account]);

    const planned = planOf(state, { ...renamed, content: undefined }).find(({ retired }) => retired);

    assert.deepEqual([planned?.actions, planned?.conflicts], [[], []]);
  });
});

describe('the copy of a name that was in use once, among several targets', () => {
  const content = (auths: Record<string, string>) => {
    const entries = Object.entries(auths).map(([host, login]) => [host, { auth: base64(login) }]);
    return base64(JSON.stringify({ auths: Object.fromEntries(entries) }));
  };
  const team = content({ 'a.example.com': 'team:a', 'b.example.com': 'team:b' });
  const common = content({ 'b.example.com': 'robot:b', 'c.example.com': 'robot:c' });
  const both = content({ 'a.example.com': 'team:a', 'b.example.com': 'team:b', 'c.example.com': 'robot:c' });
  const retiredAt = { 'pullsecret-sync.io/retired-at': now.toISOString() };
  const old = (inside: string, holds: string) => {
    const made = copy(inside, { name: 'old-name', content: holds });
    return { ...made, annotations: { ...made.annotations, ...retiredAt } };
  };
  const oldOf = (targets: DesiredTarget[], inside: string, holds = common) =>
    planOf(snapshot([namespace(inside)], [old(inside, holds)]), {
      targets,
      rules: { previousSecretNames: ['old-name'] },
    }).find(({ secretName }) => secretName === 'old-name');
  const targets = (teamContent: string | undefined, secretName = 'team-secret') => [
    { target: targetWith({ name: 'team', secretName, namespaces: { include: ['team-*'] } }), content: teamContent },
    { target: targetWith({ name: 'default' }), content: common },
  ];

  test('holds the credentials of all that have a copy there, and of two for one host the earlier', () => {
    const planned = oldOf(targets(team), 'team-a');

    assert.equal(planned?.desired?.content, both);
    assert.deepEqual(
      planned?.actions.map(({ kind }) => kind),
      ['updateCopy'],
    );
  });

  test('is not written where it holds them', () => {
    assert.deepEqual(oldOf(targets(team), 'team-a', both)?.actions, []);
  });

  test('holds exactly what one target gives where only that one is', () => {
    assert.equal(oldOf(targets(team), 'shop')?.desired?.content, common);
  });

  test('holds what the first gives of two with one name', () => {
    assert.equal(oldOf(targets(team, 'image-pull-secret'), 'team-a')?.desired?.content, team);
  });

  test('stays as it is where one of the targets is not in order', () => {
    const planned = oldOf(targets(undefined), 'team-a', 'anything');

    assert.deepEqual(planned?.actions, []);
    assert.deepEqual(planned?.desired, { target: targets(undefined)[0]?.target, content: undefined });
  });

  test('holds what its own namespace has, whatever the targets are called', () => {
    const named = (name: string, include: string[], holds: string) => ({
      target: targetWith({ name, secretName: name, namespaces: { include } }),
      content: holds,
    });
    const names = ['first', 'second', 'third'];
    const state = snapshot(
      names.map((name) => namespace(name)),
      names.map((name) => old(name, common)),
    );

    const planned = planOf(state, {
      targets: [named('a', ['first', 'third'], team), named('b', ['first'], common), named('ab', ['second'], common)],
      rules: { previousSecretNames: ['old-name'] },
    }).filter(({ secretName }) => secretName === 'old-name');

    assert.deepEqual(
      planned.map(({ desired }) => desired?.content),
      [both, common, team],
    );
  });

  test('is joined once for all namespaces', () => {
    const names = ['team-a', 'team-b'];
    const planned = planOf(
      snapshot(
        names.map((name) => namespace(name)),
        names.map((name) => old(name, common)),
      ),
      { targets: targets(team), rules: { previousSecretNames: ['old-name'] } },
    ).filter(({ secretName }) => secretName === 'old-name');

    assert.equal(planned.length, 2);
    assert.equal(planned[0]?.desired, planned[1]?.desired);
  });
});

describe('a name that was in use once, beside a conflict', () => {
  const added = { 'pullsecret-sync.io/added': 'registry-access/pullsecret-sync:old-name' };
  const account = (rest: Partial<ServiceAccountRecord> = {}) =>
    serviceAccount('team-a', { imagePullSecrets: ['old-name'], annotations: added, ...rest });
  const retiredFor = (hours: number, content: string) => {
    const retiredAt = new Date(now.getTime() - hours * 3_600_000).toISOString();
    const old = copy('team-a', { name: 'old-name', content });
    return { ...old, annotations: { ...old.annotations, 'pullsecret-sync.io/retired-at': retiredAt } };
  };
  const oldActions = (secrets: SecretRecord[], accounts: ServiceAccountRecord[], of: object = {}) => {
    const options = {
      rules: { previousSecretNames: ['old-name'] },
      target: { serviceAccounts: { include: ['*'] }, ...of },
    };
    const planned = planOf(snapshot([namespace('team-a')], secrets, accounts), options);
    const actions = planned.find(({ secretName }) => secretName === 'old-name')?.actions ?? [];
    return actions.map((action) =>
      'serviceAccount' in action ? `${action.kind} ${action.serviceAccount.name}` : action.kind,
    );
  };
  const applied = { name: 'applied', listAppliedBy: 'argocd' };
  const foreign = copy('team-a', { labels: {}, annotations: {}, content: 'theirs' });

  test('in one list keeps its reference there, and its copy current, and moves everywhere else', () => {
    const actions = oldActions([copy('team-a'), retiredFor(0, 'old')], [account(), account(applied)]);

    assert.deepEqual(actions, ['updateCopy', 'removeReference default']);
  });

  test('in one list goes from the others when retireAfter is over, and stays for the one that names it', () => {
    const actions = oldActions([copy('team-a'), retiredFor(2, 'wanted')], [account(), account(applied)]);

    assert.deepEqual(actions, ['removeReference default']);
  });

  test('in a list that does not name it goes for good', () => {
    const other = account({ ...applied, imagePullSecrets: ['theirs'], annotations: {} });

    const actions = oldActions([copy('team-a'), retiredFor(2, 'wanted')], [account(), other]);

    assert.deepEqual(actions, ['removeReference default', 'deleteCopy']);
  });

  test('of the new Secret keeps references and copy, and keeps the copy current', () => {
    const secrets = [foreign, retiredFor(2, 'old')];

    assert.deepEqual(oldActions(secrets, [account()]), ['updateCopy']);
  });

  test('of one of two new Secrets keeps references and copy all the same', () => {
    const targets = [
      { target: targetWith({ name: 'team', secretName: 'team-secret' }), content: 'wanted' },
      { target: targetWith(), content: 'wanted' },
    ];
    const kindsWith = (accounts: ServiceAccountRecord[]) =>
      planOf(snapshot([namespace('team-a')], [foreign, retiredFor(2, 'wanted')], accounts), {
        targets,
        rules: { previousSecretNames: ['old-name'] },
      }).map(({ secretName, actions }) => [secretName, ...actions.map(({ kind }) => kind)]);

    assert.deepEqual(kindsWith([account()]), [
      ['team-secret', 'createCopy', 'addReference'],
      ['image-pull-secret'],
      ['old-name'],
    ]);
    assert.deepEqual(kindsWith([]), [['team-secret', 'createCopy'], ['image-pull-secret'], ['old-name']]);
  });

  test('of the new Secret does not hold up a ServiceAccount that is wanted no more', () => {
    const secrets = [foreign, retiredFor(2, 'wanted')];

    const actions = oldActions(secrets, [account(), account({ name: 'builder' })], {
      serviceAccounts: { include: ['default'] },
    });

    assert.deepEqual(actions, ['removeReference builder']);
  });
});
