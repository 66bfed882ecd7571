import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import type {
  V1MutatingAdmissionPolicy,
  V1MutatingAdmissionPolicyBinding,
  V1ServiceAccount,
} from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { parseConfig, type Target } from '../../job/src/config/config.ts';
import { addedMark, marks } from '../../job/src/plan/marks.ts';
import { namespaceSelector, serviceAccountSelector } from '../../job/src/plan/selection.ts';
import { tool } from '../../scripts/tools.ts';
import { until } from '../../scripts/until.ts';
import { type Rules, type Subject, selectionCases } from '../support/selection-cases.ts';
import { auditedRequests } from './audit.ts';
import {
  namespaceObject,
  registryValues,
  releaseNamespace,
  secretName,
  startTestCluster,
  type TestCluster,
} from './support.ts';

const mark = addedMark({ namespace: releaseNamespace, name: 'pullsecret-sync' }, secretName);

suite('the admission policy', () => {
  let cluster: TestCluster;
  const values = {
    ...registryValues(),
    serviceAccounts: { include: ['default', 'app-*'] },
    admissionPolicy: { enabled: 'auto' }, // and this API server serves it
  };

  before(async () => {
    cluster = await startTestCluster();
    await cluster.install(values);
    await until('the policy takes effect', async () => (await dryRun(account('app-probe', 'default'))).includes(mark));
    await cluster.createNamespaces('team-a', 'hidden');
  });
  after(() => cluster[Symbol.asyncDispose]());

  /** What the API server would store. */
  function dryRun(object: object): Promise<string> {
    return cluster.kubectl(['create', '--dry-run=server', '-o', 'json', '-f', '-'], JSON.stringify(object));
  }

  /** A ServiceAccount as administrator makes it, and as it is then. */
  async function created(object: object): Promise<State> {
    return stateOf(JSON.parse(await cluster.kubectl(['create', '-o', 'json', '-f', '-'], JSON.stringify(object))));
  }

  async function patched(name: string, patch: object): Promise<State> {
    const args = ['patch', 'serviceaccount', name, '-n', 'team-a', '--type=merge', '-o', 'json'];
    return stateOf(JSON.parse(await cluster.kubectl([...args, '-p', JSON.stringify(patch)])));
  }

  async function applied(object: object): Promise<State> {
    const args = ['apply', '--server-side', '--field-manager=argocd', '-o', 'json', '-f', '-'];
    return stateOf(JSON.parse(await cluster.kubectl(args, JSON.stringify(object))));
  }

  test('gives the default ServiceAccount of a new namespace its reference and mark at its creation', async () => {
    await cluster.createNamespaces('newborn');

    const serviceAccount = await cluster.get<V1ServiceAccount>('serviceaccount', 'default', '-n', 'newborn');
    assert.deepEqual(stateOf(serviceAccount), { references: [secretName], annotations: { [marks.added]: mark } });
    const requests = await auditedRequests(cluster.controlPlane.auditLog, 'admin');
    const writes = requests.filter(
      ({ resource, namespace, verb }) =>
        resource === 'serviceaccounts' && namespace === 'newborn' && !['get', 'list', 'watch'].includes(verb),
    );
    assert.deepEqual(
      writes.map(({ verb }) => verb),
      ['create'],
    );
  });

  test('appends to the list that is there', async () => {
    assert.deepEqual(await created(account('app-list', 'team-a', { references: ['theirs', 'more'] })), {
      references: ['theirs', 'more', secretName],
      annotations: { [marks.added]: mark },
    });
  });

  test('adds its mark beside other annotations', async () => {
    const state = await created(account('app-annotated', 'team-a', { annotations: { 'example.com/a': 'b' } }));

    assert.deepEqual(state.annotations, { 'example.com/a': 'b', [marks.added]: mark });
  });

  test('keeps the marks of others', async () => {
    const others = 'infra/creds:regcred, infra/other:image-pull-secret';
    const state = await created(account('app-marked', 'team-a', { annotations: { [marks.added]: others } }));

    assert.equal(state.annotations[marks.added], `infra/creds:regcred,infra/other:image-pull-secret,${mark}`);
  });

  test('takes a longer mark that begins like its own for another', async () => {
    const state = await created(account('app-longer', 'team-a', { annotations: { [marks.added]: `${mark}-2` } }));

    assert.equal(state.annotations[marks.added], `${mark}-2,${mark}`);
  });

  test('puts no mark on a reference that was there before', async () => {
    const before = { references: ['theirs', secretName], annotations: {} };

    assert.deepEqual(await created(account('app-before', 'team-a', before)), before);
    assert.deepEqual(await patched('app-before', { secrets: [{ name: 'token' }] }), before);
  });

  test('leaves a generated name, which it does not see yet, to the next change', async () => {
    const generated = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { generateName: 'app-', namespace: 'team-a' },
    };

    const serviceAccount: V1ServiceAccount = JSON.parse(
      await cluster.kubectl(['create', '-o', 'json', '-f', '-'], JSON.stringify(generated)),
    );

    assert.deepEqual(stateOf(serviceAccount).references, []);
    const { references } = await patched(serviceAccount.metadata?.name ?? '', { secrets: [{ name: 'token' }] });
    assert.deepEqual(references, [secretName]);
  });

  for (const [how, list] of [
    ['empties', []],
    ['removes', null],
    ['replaces', [{ name: 'theirs' }]],
  ] as const) {
    test(`restores the reference after a merge patch that ${how} the list, with one mark`, async () => {
      await created(account(`app-${how}`, 'team-a'));

      assert.deepEqual(await patched(`app-${how}`, { imagePullSecrets: list }), {
        references: [...(list ?? []).map(({ name }) => name), secretName],
        annotations: { [marks.added]: mark },
      });
    });
  }

  test('restores reference and mark after a replacement of the whole object', async () => {
    await created(account('app-replaced', 'team-a'));

    const text = await cluster.kubectl(
      ['replace', '-o', 'json', '-f', '-'],
      JSON.stringify(account('app-replaced', 'team-a')),
    );

    assert.deepEqual(stateOf(JSON.parse(text)), { references: [secretName], annotations: { [marks.added]: mark } });
  });

  test('lets a tool apply its own list again and again, and adds the reference each time', async () => {
    for (const references of [['theirs'], ['theirs'], ['theirs', 'more'], ['another']]) {
      assert.deepEqual(await applied(account('app-applied', 'team-a', { references })), {
        references: [...references, secretName],
        annotations: { [marks.added]: mark },
      });
    }
  });

  test('lets a tool apply a ServiceAccount without a list', async () => {
    for (const annotations of [{}, { 'example.com/a': 'b' }, {}] as Array<Record<string, string>>) {
      assert.deepEqual(await applied(account('app-no-list', 'team-a', { annotations })), {
        references: [secretName],
        annotations: { ...annotations, [marks.added]: mark },
      });
    }
  });

  test('leaves a ServiceAccount alone once it is excluded', async () => {
    await created(account('app-excluded', 'team-a'));

    const state = await patched('app-excluded', {
      imagePullSecrets: null,
      metadata: { annotations: { [marks.exclude]: 'true', [marks.added]: null } },
    });

    assert.deepEqual(state, { references: [], annotations: { [marks.exclude]: 'true' } });
  });

  test('reaches the next ServiceAccount of a namespace that is excluded no more', async () => {
    await cluster.applyObjects(namespaceObject('hidden', { annotations: { [marks.exclude]: 'true' } }));
    await until('the exclusion is seen', async () => !(await dryRun(account('app-hidden', 'hidden'))).includes(mark));
    await cluster.applyObjects(namespaceObject('hidden'));

    await until('its end is seen', async () => (await dryRun(account('app-hidden', 'hidden'))).includes(mark));
  });

  test('with hundreds of profiles adds what the first wants that selects the namespace, for each secret name', async () => {
    await cluster.createNamespaces('shop-a', 'shop-b', 'lab');
    const existingSecrets = ['source'];
    const teams = Array.from({ length: 300 }, (_, index) => [
      `team-${index}`,
      { existingSecrets, namespaces: { include: [`team-${index}-*`] }, priority: 2 },
    ]);
    await cluster.install({
      ...values,
      profiles: {
        ...Object.fromEntries(teams),
        shops: { existingSecrets, namespaces: { include: ['shop-*'] }, serviceAccounts: { include: ['app-*'] } },
        'shop-b': {
          existingSecrets,
          namespaces: { include: ['shop-b'] },
          serviceAccounts: { include: ['till'] },
          priority: 1,
        },
        extra: { existingSecrets, namespaces: { include: ['shop-a'], excludeSystem: false }, secretName: 'extra' },
      },
    });
    await until('the profiles take effect', async () => (await dryRun(account('app-1', 'shop-a'))).includes('extra'));

    const found: Record<string, string[]> = {};
    for (const namespace of ['lab', 'shop-a', 'shop-b']) {
      for (const name of ['app-1', 'till']) {
        const { references, annotations } = stateOf(JSON.parse(await dryRun(account(name, namespace))));
        found[`${namespace}/${name}`] = references;
        const added = references.map((reference) => mark.replace(secretName, reference)).join(',');
        assert.equal(annotations[marks.added] ?? '', added);
      }
    }
    assert.deepEqual(found, {
      'lab/app-1': [secretName],
      'lab/till': [],
      'shop-a/app-1': ['extra', secretName],
      'shop-a/till': [],
      'shop-b/app-1': [],
      'shop-b/till': [secretName],
    });
  });

  test('fails open', async () => {
    const [policy] = await cluster.list<V1MutatingAdmissionPolicy>('mutatingadmissionpolicies');
    const variables = policy?.spec?.variables?.map((variable) =>
      variable.name === 'wanted'
        ? { ...variable, expression: '[string(1 / (request.name.size() - request.name.size()))]' }
        : variable,
    );
    const patch = JSON.stringify({ spec: { variables } });
    await cluster.kubectl([
      'patch',
      'mutatingadmissionpolicy',
      policy?.metadata?.name ?? '',
      '--type=merge',
      '-p',
      patch,
    ]);

    await until('the fault is seen', async () => !(await dryRun(account('app-open', 'team-a'))).includes(mark));

    assert.deepEqual(await created(account('app-open', 'team-a')), { references: [], annotations: {} });
  });

  test('goes when it is switched off', async () => {
    await cluster.install({ ...values, admissionPolicy: { enabled: false } });

    assert.deepEqual(await cluster.list('mutatingadmissionpolicies'), []);
    assert.deepEqual(await cluster.list('mutatingadmissionpolicybindings'), []);
  });
});

suite('the admission policy and the job agree', () => {
  let cluster: TestCluster;
  /** The rule sets of the table, each the rules of one release. */
  const ruleSets = [...new Map(selectionCases.map(({ rules }) => [JSON.stringify(rules), rules])).values()];
  const releaseOf = (rules: Rules) =>
    `rules-${ruleSets.findIndex((one) => JSON.stringify(one) === JSON.stringify(rules))}`;
  const pairs = [
    ...new Map(
      selectionCases.map(({ namespace, serviceAccount = { name: 'default' } }) => [
        JSON.stringify([namespace, serviceAccount]),
        { namespace, serviceAccount },
      ]),
    ).values(),
  ];
  /** Which releases the API server gave each pair a reference of. */
  let selecting: Map<string, string[]>;

  before(async () => {
    cluster = await startTestCluster();
    const namespaces = [...new Map(pairs.map(({ namespace }) => [namespace.name, namespace])).values()];
    await cluster.applyObjects(
      ...namespaces.map(({ name, labels, annotations }) => namespaceObject(name, { labels, annotations })),
    );
    await cluster.createNamespaces('probe');
    for (const { name } of namespaces)
      await cluster.kubectl(['wait', '--for=create', 'serviceaccount/default', '--timeout=60s', '-n', name]);
    await cluster.applyObjects(
      ...(await Promise.all(ruleSets.map((rules) => policyOf(rules, releaseOf(rules))))).flat(),
    );
    await until('every policy takes effect', async () => {
      const [probe] = await wouldBe([account('probe', 'probe', { annotations: { probe: '' } })]);
      return ruleSets.every((rules) => probe?.metadata?.annotations?.[releaseOf(rules)] === 'there');
    });
    const objects = pairs.map(({ namespace, serviceAccount }) =>
      account(serviceAccount.name, namespace.name, { annotations: serviceAccount.annotations ?? {} }),
    );
    const answers = await wouldBe(objects);
    selecting = new Map(pairs.map((pair, index) => [JSON.stringify(pair), stateOf(answers[index]).references]));
  });
  after(() => cluster[Symbol.asyncDispose]());

  /** The ServiceAccounts as the API server would store them: created, or changed where they are there. */
  async function wouldBe(objects: object[]): Promise<V1ServiceAccount[]> {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    const text = await cluster.kubectl(['apply', '--server-side', '--dry-run=server', '-o', 'json', '-f', '-'], list);
    const answer = JSON.parse(text);
    return answer.kind === 'List' ? answer.items : [answer];
  }

  for (const { because, rules, namespace, serviceAccount = { name: 'default' }, selected } of selectionCases) {
    test(`${because}: ${selected ? 'in' : 'out'}`, () => {
      const references = selecting.get(JSON.stringify({ namespace, serviceAccount }));

      assert.equal(selectsInJob(rules, namespace, serviceAccount), selected, 'in the job');
      assert.equal(references?.includes(releaseOf(rules)), selected, 'in the policy');
    });
  }

  test('on each rule set with each namespace and ServiceAccount of the table', () => {
    for (const { namespace, serviceAccount } of pairs) {
      const wanted = ruleSets.filter((rules) => selectsInJob(rules, namespace, serviceAccount)).map(releaseOf);

      const references = selecting.get(JSON.stringify({ namespace, serviceAccount }));

      assert.deepEqual(references?.toSorted(), wanted.toSorted(), `${namespace.name}/${serviceAccount.name}`);
    }
  });
});

interface State {
  references: string[];
  annotations: Record<string, string>;
}

function stateOf(serviceAccount: V1ServiceAccount | undefined): State {
  return {
    references: serviceAccount?.imagePullSecrets?.map(({ name }) => name ?? '') ?? [],
    annotations: serviceAccount?.metadata?.annotations ?? {},
  };
}

function account(name: string, namespace: string, { references, annotations }: Partial<State> = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace, ...(annotations && { annotations }) },
    ...(references && { imagePullSecrets: references.map((reference) => ({ name: reference })) }),
  };
}

function selectsInJob(rules: Rules, { name, labels, annotations = {} }: Subject, serviceAccount: Subject): boolean {
  const { namespaces, serviceAccounts } = targetOf(rules);
  const namespace = { name, labels: { 'kubernetes.io/metadata.name': name, ...labels }, annotations };
  return (
    namespaceSelector(namespaces)(namespace) &&
    serviceAccountSelector(serviceAccounts)({ annotations: {}, ...serviceAccount })
  );
}

function targetOf(rules: Rules): Target {
  const target = { name: 'default', secretName, sources: [{ secret: 'source' }], ...rules };
  const [parsed] = parseConfig(JSON.stringify({ release: 'rules/rules', targets: [target] }), 'the table').targets;
  assert.ok(parsed);
  return parsed;
}

/**
 * The policy and its binding as the chart renders them. What is wrong in the policy is made an error, since it would
 * look like "not selected", and the policy says in an annotation of the ServiceAccount `probe` that it is in effect.
 */
async function policyOf(rules: Rules, release: string): Promise<object[]> {
  const chart = join(import.meta.dirname, '..', '..', 'chart');
  const values = { existingSecrets: ['source'], secretName: release, admissionPolicy: { enabled: true }, ...rules };
  const helm = promisify(execFile)(await tool('helm'), ['template', release, chart, '--namespace', 'rules', '-f', '-']);
  helm.child.stdin?.end(JSON.stringify(values));
  const objects = parseAllDocuments((await helm).stdout).map((document) => document.toJS());
  const policy: V1MutatingAdmissionPolicy = objects.find(({ kind }) => kind === 'MutatingAdmissionPolicy');
  const binding: V1MutatingAdmissionPolicyBinding = objects.find(
    ({ kind }) => kind === 'MutatingAdmissionPolicyBinding',
  );
  const path = JSON.stringify(`/metadata/annotations/${release}`);
  const expression = `object.metadata.name == "probe" ? [JSONPatch{op: "add", path: ${path}, value: "there"}] : []`;
  const probe = { patchType: 'JSONPatch', jsonPatch: { expression } };
  const spec = { ...policy.spec, failurePolicy: 'Fail', mutations: [probe, ...(policy.spec?.mutations ?? [])] };
  return [{ ...policy, spec }, binding];
}
