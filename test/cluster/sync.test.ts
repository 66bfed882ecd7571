import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { V1ConfigMap, V1Secret, V1ServiceAccount } from '@kubernetes/client-node';
import { uniqueLogin, uniquePassword } from '../support/leaks/unique-password.ts';
import {
  loginIn,
  namespaceObject,
  password,
  registryValues,
  releaseNamespace,
  secretName,
  startTestCluster,
  type TestCluster,
} from './support.ts';

let cluster: TestCluster;

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces('team-a', 'team-b');
  await cluster.install(registryValues());
});
after(() => cluster[Symbol.asyncDispose]());

test('plan shows what sync would do and writes nothing', async () => {
  let result = { code: -1, events: [] as Array<Record<string, unknown>> };
  const requests = await cluster.requestsOfJob(async () => {
    result = await cluster.job(['plan', '--exit-code']);
  });

  assert.equal(result.code, 2);
  const actions = result.events.filter(({ namespace }) => namespace === 'team-a').map(({ message }) => message);
  assert.deepEqual(actions, ['create copy', 'add reference']);
  assert.deepEqual(
    requests.filter(({ verb }) => verb === 'patch'),
    [],
  );
});

test('the first run gives every namespace a copy and a reference, system namespaces excepted', async () => {
  const { code, events } = await cluster.job(['sync']);

  assert.equal(code, 0, JSON.stringify(events));
  const copies = await cluster.copies();
  assert.deepEqual([...copies.keys()].toSorted(), ['default', releaseNamespace, 'team-a', 'team-b']);
  for (const [namespace, copy] of copies) {
    assert.equal(copy.type, 'kubernetes.io/dockerconfigjson');
    assert.equal(loginIn(copy), `robot:${password}`);
    assert.equal(copy.metadata?.labels?.['app.kubernetes.io/managed-by'], 'pullsecret-sync');
    assert.equal(
      copy.metadata?.annotations?.['pullsecret-sync.io/owner'],
      `${releaseNamespace}/pullsecret-sync/${namespace}`,
    );
    assert.deepEqual(await cluster.pullSecretsOf(namespace), [secretName]);
  }
});

test('the reference carries the mark that says where it came from', async () => {
  const serviceAccount = await cluster.get<V1ServiceAccount>('serviceaccount', 'default', '-n', 'team-a');

  assert.equal(
    serviceAccount.metadata?.annotations?.['pullsecret-sync.io/added'],
    `${releaseNamespace}/pullsecret-sync:${secretName}`,
  );
});

test('a second run writes nothing but its status, and asks nothing per namespace', async () => {
  const requests = await cluster.requestsOfJob(() => cluster.job(['sync']));

  const writes = requests.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb));
  assert.deepEqual(
    writes.map(({ resource, name }) => [resource, name]),
    [['configmaps', 'pullsecret-sync-status']],
  );
  const lists = requests.filter(({ verb }) => verb === 'list').map(({ resource }) => resource);
  assert.deepEqual(lists.toSorted(), ['namespaces', 'secrets', 'serviceaccounts']);
});

test('plan --exit-code exits 0 where everything is as it should be', async () => {
  const { code } = await cluster.job(['plan', '--exit-code']);

  assert.equal(code, 0);
});

test('the status says when the run was, how it ended and what it found', async () => {
  const { data = {} } = await cluster.get<V1ConfigMap>('configmap', 'pullsecret-sync-status', '-n', releaseNamespace);

  assert.match(data['status.yaml'] ?? '', /^exitCode: 0$/m);
  assert.match(data['status.yaml'] ?? '', /^inLine: 4$/m);
  assert.match(data['status.yaml'] ?? '', /^finished: /m);
});

test('a new namespace is reached by the next run', async () => {
  await cluster.createNamespaces('team-c');

  const { code } = await cluster.job(['sync']);

  assert.equal(code, 0);
  assert.ok((await cluster.copies()).has('team-c'));
  assert.deepEqual(await cluster.pullSecretsOf('team-c'), [secretName]);
});

test('an excluded namespace is left alone', async () => {
  await cluster.applyObjects(
    namespaceObject('not-ours', { annotations: { 'pullsecret-sync.io/exclude': 'true' } }),
    namespaceObject('not-theirs', { annotations: { 'k8s.titansoft.com/imagepullsecret-patcher-exclude': 'true' } }),
  );

  await cluster.job(['sync']);

  const copies = await cluster.copies();
  assert.deepEqual(
    ['not-ours', 'not-theirs'].filter((name) => copies.has(name)),
    [],
  );
});

test('a rotation changes every copy in place: one write a namespace, the same UIDs', async () => {
  const before = await cluster.copies();
  await cluster.install(registryValues(uniquePassword('rotated-s3cr3t')));

  const requests = await cluster.requestsOfJob(() => cluster.job(['sync']));

  const copies = await cluster.copies();
  assert.deepEqual(
    [...copies].map(([namespace, copy]) => [namespace, copy.metadata?.uid]),
    [...before].map(([namespace, copy]) => [namespace, copy.metadata?.uid]),
  );
  for (const copy of copies.values()) assert.equal(loginIn(copy), uniqueLogin('rotated-s3cr3t'));
  const secretWrites = requests.filter(({ verb, resource }) => verb === 'patch' && resource === 'secrets');
  assert.equal(secretWrites.length, copies.size);
  assert.equal(requests.filter(({ resource, verb }) => resource === 'serviceaccounts' && verb === 'patch').length, 0);
});

test("entries of others in a ServiceAccount's list stay, in their order", async () => {
  const theirs = Array.from({ length: 50 }, (_, index) => `theirs-${index}`);
  await cluster.createNamespaces('crowded');
  const patch = { imagePullSecrets: theirs.map((name) => ({ name })) };
  await cluster.kubectl([
    'patch',
    'serviceaccount',
    'default',
    '-n',
    'crowded',
    '--type=merge',
    '-p',
    JSON.stringify(patch),
  ]);

  await cluster.job(['sync']);

  assert.deepEqual(await cluster.pullSecretsOf('crowded'), [...theirs, secretName]);
});

test("someone else's Secret is kept and named with who wrote it, and its namespace gets no reference", async () => {
  await cluster.createNamespaces('foreign');
  await cluster.kubectl(['create', 'secret', 'generic', secretName, '-n', 'foreign', '--from-literal=a=b']);
  const before = await cluster.get<V1Secret>('secret', secretName, '-n', 'foreign');

  const { code, events } = await cluster.job(['sync']);

  assert.equal(code, 0);
  assert.deepEqual(await cluster.get<V1Secret>('secret', secretName, '-n', 'foreign'), before);
  assert.deepEqual(await cluster.pullSecretsOf('foreign'), []);
  const warning = events.find(({ level, namespace }) => level === 'warn' && namespace === 'foreign');
  assert.equal(warning?.owner, 'kubectl-create');
});

test('a ServiceAccount whose list another tool applies is left alone and reported', async () => {
  await cluster.createNamespaces('applied');
  const declared = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: 'applied' },
    imagePullSecrets: [{ name: 'theirs' }],
  };
  const apply = () =>
    cluster.kubectl(['apply', '--server-side', '--field-manager=argocd', '-f', '-'], JSON.stringify(declared));
  await apply();

  const { code, events } = await cluster.job(['sync']);

  assert.equal(code, 0);
  assert.deepEqual(await cluster.pullSecretsOf('applied'), ['theirs']);
  assert.equal(events.find(({ declaredBy }) => declaredBy !== undefined)?.declaredBy, 'argocd');
  await apply();
});

test('skipApplied: false adds the reference to such a list too', async () => {
  const config = await cluster.writeConfig({ serviceAccounts: { skipApplied: false } });

  const { code } = await cluster.job(['sync', '--config', config]);

  assert.equal(code, 0);
  assert.deepEqual(await cluster.pullSecretsOf('applied'), ['theirs', secretName]);
});
