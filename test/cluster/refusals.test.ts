import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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
        matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
      },
    },
  ];
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

  await cluster.kubectl(['delete', 'namespace', 'no-quota']);
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
    await cluster.kubectl(['delete', 'namespace', namespace]);
  });
}

test('--tolerate-partial exits 0 where another namespace is in line, and names the failure all the same', async () => {
  await cluster.createNamespaces('no-quota-either');
  await cluster.kubectl(['create', 'quota', 'none', '-n', 'no-quota-either', '--hard=count/secrets=0']);
  await untilDenied('no-quota-either');

  const { code, events } = await cluster.job(['sync', '--tolerate-partial']);

  assert.equal(code, 0);
  assert.ok(events.some(({ level, namespace }) => level === 'error' && namespace === 'no-quota-either'));
  await cluster.kubectl(['delete', 'namespace', 'no-quota-either']);
});

test('a namespace that terminates is skipped, and is no failure', async () => {
  await cluster.createNamespaces('leaving');
  const finalizer = JSON.stringify({ metadata: { finalizers: ['example.com/stays'] } });
  await cluster.kubectl(['create', 'configmap', 'anchor', '-n', 'leaving']);
  await cluster.kubectl(['patch', 'configmap', 'anchor', '-n', 'leaving', '--type=merge', '-p', finalizer]);
  await cluster.kubectl(['delete', 'namespace', 'leaving', '--wait=false']);

  const { code, output } = await cluster.job(['sync']);

  assert.equal(code, 0, output);
  assert.equal((await cluster.copies()).has('leaving'), false);
  const release = JSON.stringify({ metadata: { finalizers: null } });
  await cluster.kubectl(['patch', 'configmap', 'anchor', '-n', 'leaving', '--type=merge', '-p', release]);
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
