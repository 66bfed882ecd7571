import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NamespaceRecord, SecretRecord, ServiceAccountRecord } from '../../job/src/cluster/cluster.ts';
import { parseConfig, type Target } from '../../job/src/config/config.ts';
import type { Snapshot } from '../../job/src/plan/observe.ts';
import type { DesiredTarget, Placement, PlanRules } from '../../job/src/plan/placement.ts';
import { plan } from '../../job/src/plan/plan.ts';

const rules: Omit<PlanRules, 'targets'> = {
  release: { namespace: 'registry-access', name: 'pullsecret-sync' },
  previousSecretNames: [],
  previousReleases: [],
  retireAfter: 3_600_000,
  maxRemovePercent: 50,
};
const now = new Date('2026-11-24T12:00:00Z');
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
    owners: [],
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
    listChangedAt: undefined,
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
    secrets: () => secrets,
    secret: (inside, name) => secrets.find((one) => one.namespace === inside && one.name === name),
    serviceAccounts: (inside) => accounts.filter((one) => one.namespace === inside),
  };
}

interface PlanOptions {
  /** Fields of the one target. */
  target?: object;
  content?: string | undefined;
  rules?: Partial<PlanRules>;
  targets?: DesiredTarget[];
}

function planOf(state: Snapshot, options: PlanOptions = {}): Placement[] {
  return fullPlanOf(state, options).placements;
}

function fullPlanOf(state: Snapshot, options: PlanOptions = {}) {
  const content = 'content' in options ? options.content : 'wanted';
  const targets = options.targets ?? [{ target: target(options.target), content }];
  const all = { ...rules, targets: targets.map((desired) => desired.target), ...options.rules };
  return plan({ rules: all, targets, snapshot: state, now });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

const plainMarks = { labelled: true, adopted: false, retiredAt: undefined };
const inLine = {
  secrets: [copy('team-a')],
  accounts: [serviceAccount('team-a', { imagePullSecrets: ['image-pull-secret'] })],
};

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
      { target: target(), content: undefined },
      { target: target({ name: 'second' }), content: 'wanted' },
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
    assert.equal(planned.withheldRemovals, 0);
    assert.equal(planned.placements.filter(({ actions }) => actions[0]?.kind === 'deleteCopy').length, 10);
  });

  test('withholds every removal where more than half would go, and nothing else', () => {
    const planned = fullPlanOf(state, { target: { namespaces: { exclude: names.slice(0, 11) } }, content: 'rotated' });
    assert.equal(planned.withheldRemovals, 11);
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

    assert.equal(planned.withheldRemovals, 6);
  });

  test('looks at each name by itself, so that another target does not hide what a typo removes', () => {
    const others = names.map((name) => copy(name, { name: 'other' }));
    const both = snapshot(
      names.map((name) => namespace(name)),
      [...names.map((name) => copy(name)), ...others],
    );
    const targets = [
      { target: target({ namespaces: { include: ['nothing'] } }), content: 'wanted' },
      { target: target({ name: 'other', secretName: 'other' }), content: 'wanted' },
    ];
    assert.equal(fullPlanOf(both, { targets }).withheldRemovals, 20);
  });

  test('does not count copies that retire, which were named for removal and are due together', () => {
    const old = names.map((name) => copy(name, { name: 'old-name' }));
    const renamed = snapshot(
      names.map((name) => namespace(name)),
      [...names.map((name) => copy(name)), ...old],
    );

    const planned = fullPlanOf(renamed, { rules: { previousSecretNames: ['old-name'], retireAfter: 0 } });

    assert.equal(planned.withheldRemovals, 0);
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

    assert.equal(planned.withheldRemovals, 20);
  });

  test('always lets five go', () => {
    const few = snapshot(
      names.slice(0, 5).map((name) => namespace(name)),
      names.slice(0, 5).map((name) => copy(name)),
    );
    assert.equal(fullPlanOf(few, { target: { namespaces: { exclude: ['*'] } } }).withheldRemovals, 0);
  });
});

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
    { target: target({ name: 'team', secretName, namespaces: { include: ['team-*'] } }), content: teamContent },
    { target: target({ name: 'default' }), content: common },
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
      target: target({ name, secretName: name, namespaces: { include } }),
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
      { target: target({ name: 'team', secretName: 'team-secret' }), content: 'wanted' },
      { target: target(), content: 'wanted' },
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

describe('several targets', () => {
  const two = (rest: object = {}) => [
    { target: target({ name: 'team', namespaces: { include: ['team-*'] }, ...rest }), content: 'team' },
    { target: target({ name: 'default' }), content: 'wanted' },
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

describe('a Secret that some target reads as its source', () => {
  const inRelease = namespace('registry-access');
  const source = (rest: Partial<SecretRecord> = {}) =>
    copy('registry-access', { name: 'shared', labels: {}, annotations: {}, content: 'theirs', ...rest });
  const targets = [
    { target: target({ secretName: 'shared', onConflict: 'adopt' }), content: 'wanted' },
    { target: target({ name: 'other', sources: [{ secret: 'shared' }] }), content: 'other' },
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
        targets: [first as DesiredTarget, { target: target(several), content: 'other' }],
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
