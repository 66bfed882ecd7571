import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { V1ConfigMap, V1CronJob, V1Job, V1ServiceAccount } from '@kubernetes/client-node';
import type { Cluster } from '../../job/src/cluster/cluster.ts';
import { cleanup, isClean } from '../../job/src/run/cleanup.ts';
import { engineInProcess } from './engine-in-process.ts';
import { registryValues, releaseNamespace, secretName, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;
const teams = ['team-a', 'team-b', 'team-c'];
const standStill = 'pullsecret-sync.io/stand-still-until';
const values = { ...registryValues(), suspend: false, admissionPolicy: { enabled: 'auto' }, follow: { enabled: true } };

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces(...teams, 'foreign');
  await cluster.kubectl(['create', 'secret', 'generic', secretName, '-n', 'foreign', '--from-literal=a=b']);
  await cluster.install(values);
  await cluster.job(['sync']);
});
after(() => cluster[Symbol.asyncDispose]());

/** The cleanup as the chart's hook runs it: with the identity that the chart makes for it. */
async function cleanUp() {
  return cluster.job(['cleanup'], { KUBECONFIG: await cleanupKubeconfig() });
}

function cleanupKubeconfig(): Promise<string> {
  return cluster.kubeconfigFor(releaseNamespace, 'pullsecret-sync-cleanup');
}

const cronJob = () => cluster.get<V1CronJob>('cronjob', 'pullsecret-sync', '-n', releaseNamespace);
const deployments = () => cluster.kubectl(['get', 'deployments', '-n', releaseNamespace, '-o', 'name']);
const bindings = () => cluster.kubectl(['get', 'mutatingadmissionpolicybindings', '-o', 'name']);

/** The release as it was before the cleanup: the schedule goes on, the policy and the follower are there, and runs work. */
async function assertGoesOn(): Promise<void> {
  const { metadata } = await cluster.get<V1ConfigMap>('configmap', 'pullsecret-sync', '-n', releaseNamespace);
  assert.equal(metadata?.annotations?.[standStill], undefined);
  assert.equal((await cronJob()).spec?.suspend, false);
  assert.match(await bindings(), /registry-access-pullsecret-sync/);
  assert.match(await deployments(), /pullsecret-sync/);
  assert.equal((await cluster.job(['sync'])).code, 0);
  assert.deepEqual([...(await cluster.copies()).keys()].filter((name) => teams.includes(name)).toSorted(), teams);
}

suite('a cleanup that fails', () => {
  test('for want of a right removes nothing', async () => {
    const { code, events } = await cluster.job(['cleanup']);

    assert.equal(code, 1);
    assert.match(String(events.at(-1)?.fix), /resources: \[configmaps\].*verbs: \[patch\]/);
    await assertGoesOn();
  });

  test('half-way says why and lets the release go on, its admission policy too', async () => {
    await denyDeletion('team-b');

    const { code, output } = await cleanUp();

    assert.equal(code, 1);
    assert.match(output, /namespace team-b.*keep-it/);
    assert.match(output, /something is left; the schedule goes on/);
    await cluster.kubectl(['delete', 'validatingadmissionpolicybinding,validatingadmissionpolicy', 'keep-it']);
    await assertGoesOn();
  });
});

suite('while a cleanup is under way, or after it was killed', () => {
  const mark = (until: string) =>
    cluster.kubectl(['annotate', 'configmap', 'pullsecret-sync', '-n', releaseNamespace, `${standStill}=${until}`]);

  test('a run stands still, says so, and counts as not done', async () => {
    await cluster.createNamespaces('late');
    await mark('2100-01-01T00:00:00Z');

    const { code, output } = await cluster.job(['sync']);

    assert.equal(code, 1);
    assert.match(output, /a cleanup of this release is under way.*2100-01-01/);
    assert.equal((await cluster.copies()).has('late'), false);
    await cluster.kubectl(['annotate', 'configmap', 'pullsecret-sync', '-n', releaseNamespace, `${standStill}-`]);
  });

  test('runs go on after the time of the mark, though nobody took it off', async () => {
    await mark('2020-01-01T00:00:00Z');

    const { code } = await cluster.job(['sync']);

    assert.equal(code, 0);
    assert.equal((await cluster.copies()).has('late'), true);
    await cluster.kubectl(['annotate', 'configmap', 'pullsecret-sync', '-n', releaseNamespace, `${standStill}-`]);
  });
});

suite('a cleanup', () => {
  test('looks again, and removes what is put back meanwhile', async () => {
    const copy = await cluster.get<{ metadata: object }>('secret', secretName, '-n', 'team-a');
    await using engine = await engineInProcess(await cleanupKubeconfig());
    let putBack = 0;
    const deleteSecret: Cluster['deleteSecret'] = async (secret) => {
      await engine.real.deleteSecret(secret);
      if (secret.namespace !== 'team-a' || putBack > 0) return;
      putBack += 1;
      await cluster.applyObjects({ ...copy, metadata: withoutVersion(copy.metadata) });
    };

    const result = await cleanup({ ...engine.deps, cluster: { ...engine.real, deleteSecret } });

    assert.equal(isClean(result), true);
    assert.equal(putBack, 1);
    assert.equal((await cluster.copies()).has('team-a'), false);
    await cluster.install(values, ['--force-conflicts']);
    await cluster.job(['sync']);
  });

  test('removes every copy, reference and mark, and ends the Jobs of the schedule and the follower', async () => {
    await startJob('running');

    const { code, output } = await cleanUp();

    assert.equal(code, 0, output);
    assert.deepEqual([...(await cluster.copies()).keys()], ['foreign']);
    for (const namespace of [...teams, 'default', releaseNamespace]) {
      assert.deepEqual(await cluster.pullSecretsOf(namespace), []);
      const { metadata } = await cluster.get<V1ServiceAccount>('serviceaccount', 'default', '-n', namespace);
      assert.equal(metadata?.annotations?.['pullsecret-sync.io/added'], undefined);
    }
    assert.equal((await cronJob()).spec?.suspend, true);
    assert.equal(await bindings(), '');
    assert.equal(await deployments(), '');
    assert.deepEqual(await cluster.list<V1Job>('jobs', '-n', releaseNamespace), []);
  });

  test('removes the status too', async () => {
    const names = await cluster.kubectl(['get', 'configmaps', '-n', releaseNamespace, '-o', 'name']);

    assert.equal(names.includes('pullsecret-sync-status'), false);
  });

  test('finds nothing the second time and is content', async () => {
    const { code } = await cleanUp();

    assert.equal(code, 0);
  });

  test('reports names that the configuration has forgotten, is held up by none, and leaves the record of them', async () => {
    // As chart/pages/operating.md says it: the schedule that a cleanup suspended is a change by someone else for Helm 4.
    await cluster.install({ ...values, secretName: 'first-name' }, ['--force-conflicts']);
    await cluster.job(['sync']);
    await cluster.install(values);
    await cluster.job(['sync']);

    const { code, output } = await cleanUp();

    assert.equal(code, 0, output);
    assert.match(output, /first-name/);
    assert.doesNotMatch(output, /nothing of this release is left/);
    const status = ['get', 'configmap', 'pullsecret-sync-status', '-n', releaseNamespace, '-o', 'jsonpath={.data}'];
    assert.match(await cluster.kubectl(status), /first-name/);
    assert.equal((await cronJob()).spec?.suspend, true);
  });
});

function startJob(name: string): Promise<string> {
  return cluster.kubectl(['create', 'job', name, '-n', releaseNamespace, '--from=cronjob/pullsecret-sync']);
}

function withoutVersion(metadata: object): object {
  return { ...metadata, uid: undefined, resourceVersion: undefined, managedFields: undefined };
}

/** Resolves once nobody may delete a Secret in the namespace. */
async function denyDeletion(namespace: string): Promise<void> {
  const metadata = { name: 'keep-it' };
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['secrets'] };
  const validations = [{ expression: `request.namespace != '${namespace}'`, message: 'Secrets stay here' }];
  const group = 'admissionregistration.k8s.io/v1';
  await cluster.applyObjects(
    {
      apiVersion: group,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: { matchConstraints: { resourceRules: [rule] }, validations },
    },
    {
      apiVersion: group,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: 'keep-it', validationActions: ['Deny'] },
    },
  );
  await cluster.untilRefused(() =>
    cluster.kubectl(['delete', 'secret', secretName, '-n', namespace, '--dry-run=server']),
  );
}
