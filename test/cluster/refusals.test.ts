import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Cluster } from '../../job/src/cluster/cluster.ts';
import type { ClusterError } from '../../job/src/cluster/cluster-error.ts';
import { decideExitCode } from '../../job/src/report/report.ts';
import { run } from '../../job/src/run/engine.ts';
import { engineInProcess } from './engine-in-process.ts';
import { registryValues, secretName, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces('fine');
  await cluster.install(registryValues());
});
after(() => cluster[Symbol.asyncDispose]());

/** Runs the job and expects that it fails for this namespace alone. */
async function expectFailure(namespace: string, message: RegExp, fix: RegExp): Promise<void> {
  const { code, events, output } = await cluster.job(['sync']);

  assert.equal(code, 1, output);
  const errors = events.filter((event) => event.level === 'error' && event.namespace === namespace);
  assert.equal(errors.length, 1, output);
  assert.match(String(errors[0]?.message), message);
  assert.match(String(errors[0]?.fix), fix);
  assert.ok((await cluster.copies()).has('fine'));
  assert.equal((await cluster.copies()).has(namespace), false);
  assert.deepEqual(await cluster.pullSecretsOf(namespace), []);
}

/** Deletes a namespace. The job has nothing to do with one that ends, and the cluster takes 5 s to begin with that. */
async function letGo(namespace: string): Promise<void> {
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
}

function denySecrets(name: string, namespace: string, reason?: string): object[] {
  const validation = { expression: 'false', message: 'no Secrets here', ...(reason ? { reason } : {}) };
  const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'], operations: ['CREATE'] };
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: { matchConstraints: { resourceRules: [rule] }, validations: [validation] },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: {
        policyName: name,
        validationActions: ['Deny'],
        matchResources: inNamespace(namespace),
      },
    },
  ];
}

function inNamespace(namespace: string): object {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };
}

/** A policy takes a moment to be in force. */
async function untilDenied(namespace: string): Promise<void> {
  const probe = ['create', 'secret', 'generic', 'probe', '-n', namespace, '--dry-run=server'];
  await cluster.untilRefused(() => cluster.kubectl(probe));
}

test('a quota that forbids Secrets fails its namespace alone, and says what to raise', async () => {
  await cluster.createNamespaces('no-quota');
  await cluster.kubectl(['create', 'quota', 'none', '-n', 'no-quota', '--hard=count/secrets=0']);
  await untilDenied('no-quota');

  await expectFailure('no-quota', /exceeded quota/, /raise the ResourceQuota of namespace no-quota/);

  await letGo('no-quota');
});

for (const [what, reason] of [
  ['with its default reason (422)', undefined],
  ['with the reason Forbidden (403)', 'Forbidden'],
] as const) {
  test(`an admission policy that denies ${what} fails its namespace alone, and is named`, async () => {
    const namespace = `denied-${reason?.toLowerCase() ?? 'invalid'}`;
    await cluster.createNamespaces(namespace);
    await cluster.applyObjects(...denySecrets(namespace, namespace, reason));
    await untilDenied(namespace);

    await expectFailure(
      namespace,
      new RegExp(`ValidatingAdmissionPolicy '${namespace}'.*no Secrets here`),
      /exempt pullsecret-sync/,
    );

    await cluster.kubectl(['delete', 'validatingadmissionpolicybinding,validatingadmissionpolicy', namespace]);
    await letGo(namespace);
  });
}

test('a mutating policy that fails closed fails its namespace alone, and is named', async () => {
  await cluster.createNamespaces('mutated');
  const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'], operations: ['CREATE'] };
  const apiVersion = 'admissionregistration.k8s.io/v1';
  await cluster.applyObjects(
    {
      apiVersion,
      kind: 'MutatingAdmissionPolicy',
      metadata: { name: 'fails-closed' },
      spec: {
        matchConstraints: { resourceRules: [rule] },
        failurePolicy: 'Fail',
        reinvocationPolicy: 'Never',
        // There is no such annotation, so the expression fails.
        mutations: [
          {
            patchType: 'JSONPatch',
            jsonPatch: {
              expression:
                '[JSONPatch{op: "add", path: "/metadata/labels/a", value: object.metadata.annotations["missing"]}]',
            },
          },
        ],
      },
    },
    {
      apiVersion,
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name: 'fails-closed' },
      spec: { policyName: 'fails-closed', matchResources: inNamespace('mutated') },
    },
  );
  await untilDenied('mutated');

  await expectFailure('mutated', /fails-closed/, /exempt pullsecret-sync in the admission policy "fails-closed"/);

  await cluster.kubectl(['delete', 'mutatingadmissionpolicybinding,mutatingadmissionpolicy', 'fails-closed']);
  await letGo('mutated');
});

test('a webhook that cannot be called fails its namespace alone, and is named with the cause', async () => {
  await cluster.createNamespaces('hooked');
  await cluster.applyObjects({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'dead' },
    webhooks: [
      {
        name: 'dead.example.com',
        clientConfig: { url: 'https://127.0.0.1:1/' },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'], operations: ['CREATE'] }],
        ...inNamespace('hooked'),
        failurePolicy: 'Fail',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  });
  await untilDenied('hooked');

  await expectFailure(
    'hooked',
    /the admission webhook "dead\.example\.com" cannot be called: connection refused/,
    /make the admission webhook "dead\.example\.com" answer again/,
  );

  await cluster.kubectl(['delete', 'validatingwebhookconfiguration', 'dead']);
  await letGo('hooked');
});

test('--tolerate-partial exits 0 where another namespace is in line, and names the failure all the same', async () => {
  await cluster.createNamespaces('no-quota-either');
  await cluster.kubectl(['create', 'quota', 'none', '-n', 'no-quota-either', '--hard=count/secrets=0']);
  await untilDenied('no-quota-either');

  const { code, events } = await cluster.job(['sync', '--tolerate-partial']);

  assert.equal(code, 0);
  assert.ok(events.some(({ level, namespace }) => level === 'error' && namespace === 'no-quota-either'));
  await letGo('no-quota-either');
});

/** Deletes a namespace, which something in it keeps from going until `release`. */
async function leave(namespace: string): Promise<{ release(): Promise<unknown> }> {
  const patch = (finalizers: string[] | null) =>
    cluster.kubectl([
      ...['patch', 'configmap', 'anchor', '-n', namespace, '--type=merge'],
      ...['-p', JSON.stringify({ metadata: { finalizers } })],
    ]);
  await cluster.kubectl(['create', 'configmap', 'anchor', '-n', namespace]);
  await patch(['example.com/stays']);
  await letGo(namespace);
  return { release: () => patch(null) };
}

test('a namespace that terminates is skipped, and is no failure', async () => {
  await cluster.createNamespaces('leaving');
  const { release } = await leave('leaving');

  const { code, output } = await cluster.job(['sync']);

  assert.equal(code, 0, output);
  assert.equal((await cluster.copies()).has('leaving'), false);
  await release();
});

test('a namespace that begins to terminate after it was looked at is skipped, and is no failure', async () => {
  await cluster.createNamespaces('half-way');
  await using engine = await engineInProcess(cluster.jobKubeconfig);
  const { real, deps } = engine;
  const refused: string[] = [];
  let release = async (): Promise<unknown> => undefined;
  const slow: Cluster = {
    ...real,
    async createSecret(secret) {
      if (secret.namespace === 'half-way') ({ release } = await leave('half-way'));
      return real.createSecret(secret).catch((error: ClusterError) => {
        refused.push(`${error.kind} ${error.status} ${secret.namespace}`);
        throw error;
      });
    },
  };

  const result = await run({ ...deps, cluster: slow });

  assert.deepEqual(refused, ['namespaceGone 403 half-way']);
  assert.equal(decideExitCode(result, { toleratePartial: false }), 0);
  assert.equal(
    result.placements.some(({ namespace }) => namespace === 'half-way'),
    false,
  );
  await release();
});

test('500 ServiceAccounts of a namespace all get the reference', async () => {
  await cluster.createNamespaces('crowd');
  const names = Array.from({ length: 500 }, (_, index) => `worker-${index}`);
  await cluster.applyObjects(
    ...names.map((name) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'crowd' } })),
  );
  await cluster.install({ ...registryValues(), serviceAccounts: { include: ['*'] } });

  const { code, output } = await cluster.job(['sync']);

  assert.equal(code, 0, output.slice(-2000));
  const list = await cluster.kubectl([
    'get',
    'serviceaccounts',
    '-n',
    'crowd',
    '-o',
    'jsonpath={.items[*].imagePullSecrets[*].name}',
  ]);
  assert.equal(list.split(' ').filter((name) => name === secretName).length, 501);
});
