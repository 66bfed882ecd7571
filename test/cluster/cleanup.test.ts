import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { V1CronJob, V1Job, V1ServiceAccount } from '@kubernetes/client-node';
import { registryValues, releaseNamespace, secretName, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;
const teams = ['team-a', 'team-b', 'team-c'];

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces(...teams, 'foreign');
  await cluster.kubectl(['create', 'secret', 'generic', secretName, '-n', 'foreign', '--from-literal=a=b']);
  await cluster.install({ ...registryValues(), suspend: false, admissionPolicy: { enabled: 'auto' } });
  await cluster.job(['sync']);
});
after(() => cluster[Symbol.asyncDispose]());

/** A person's cleanup: the job's own rights do not allow it to stop its schedule. */
async function cleanUp() {
  return cluster.job(['cleanup'], { KUBECONFIG: cluster.controlPlane.kubeconfig });
}

const cronJob = () => cluster.get<V1CronJob>('cronjob', 'pullsecret-sync', '-n', releaseNamespace);

test('a cleanup that lacks a right removes nothing and lets the schedule go on', async () => {
  const before = [...(await cluster.copies()).keys()];

  const { code, events } = await cluster.job(['cleanup']);

  assert.equal(code, 1);
  assert.match(String(events.at(-1)?.fix), /apiGroups: \["batch"\], resources: \[cronjobs\]/);
  assert.deepEqual([...(await cluster.copies()).keys()], before);
  assert.equal((await cronJob()).spec?.suspend, false);
});

test('cleanup stops the schedule, its Jobs and the admission policy, and removes every copy, reference and mark', async () => {
  await cluster.kubectl(['create', 'job', 'running', '-n', releaseNamespace, '--from=cronjob/pullsecret-sync']);

  const { code, output } = await cleanUp();

  assert.equal(code, 0, output);
  assert.deepEqual([...(await cluster.copies()).keys()], ['foreign']);
  for (const namespace of [...teams, 'default', releaseNamespace]) {
    assert.deepEqual(await cluster.pullSecretsOf(namespace), []);
    const { metadata } = await cluster.get<V1ServiceAccount>('serviceaccount', 'default', '-n', namespace);
    assert.equal(metadata?.annotations?.['pullsecret-sync.io/added'], undefined);
  }
  assert.equal((await cronJob()).spec?.suspend, true);
  assert.deepEqual(await cluster.list('mutatingadmissionpolicybindings'), []);
  assert.deepEqual(await cluster.list<V1Job>('jobs', '-n', releaseNamespace), []);
});

test('cleanup removes the status too', async () => {
  const names = await cluster.kubectl(['get', 'configmaps', '-n', releaseNamespace, '-o', 'name']);

  assert.equal(names.includes('pullsecret-sync-status'), false);
});

test('a second cleanup finds nothing and is content', async () => {
  const { code } = await cleanUp();

  assert.equal(code, 0);
});
