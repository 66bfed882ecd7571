import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { V1ClusterRole } from '@kubernetes/client-node';
import { registryValues, releaseNamespace, secretName, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces('team-a');
  await cluster.install({ ...registryValues(), admissionPolicy: { enabled: true }, follow: { enabled: true } });
  await cluster.kubectl(['create', 'secret', 'generic', 'private', '-n', 'team-a', '--from-literal=a=b']);
});
after(() => cluster[Symbol.asyncDispose]());

const here = releaseNamespace;
const everywhere = '--all-namespaces';
type Right = [verb: string, object: string, namespace: string, may: boolean];
const rightsOfJob: Right[] = [
  ['get', 'secrets/pullsecret-sync-source', here, true],
  ['get', 'secrets/sh.helm.release.v1.pullsecret-sync.v1', here, false],
  ['patch', 'secrets/pullsecret-sync-source', here, false],
  ['create', `secrets/${secretName}`, 'team-a', true],
  ['patch', `secrets/${secretName}`, 'team-a', true],
  ['delete', `secrets/${secretName}`, 'team-a', true],
  ['create', 'secrets/another', 'team-a', false],
  ['create', 'secrets', 'team-a', false],
  ['get', 'secrets/private', 'team-a', false],
  ['patch', 'secrets/private', 'team-a', false],
  ['delete', 'secrets/private', 'team-a', false],
  ['list', 'secrets', everywhere, false],
  ['watch', 'secrets', everywhere, false],
  ['watch', `secrets/${secretName}`, everywhere, true],
  ['watch', 'secrets/private', everywhere, false],
  ['watch', 'secrets/pullsecret-sync-source', here, true],
  ['list', 'namespaces', everywhere, true],
  ['patch', 'namespaces/team-a', everywhere, false],
  ['patch', 'serviceaccounts/default', 'team-a', true],
  ['patch', 'serviceaccounts/builder', 'team-a', false],
  ['create', 'serviceaccounts/token', 'team-a', false],
  ['get', 'configmaps/pullsecret-sync', here, true],
  ['patch', 'configmaps/pullsecret-sync', here, false],
  ['patch', 'configmaps/pullsecret-sync-status', here, true],
  ['list', 'pods', everywhere, false],
  ['create', 'clusterrolebindings', everywhere, false],
  ['escalate', 'clusterroles', everywhere, false],
  ['impersonate', 'users', everywhere, false],
];

const binding = 'mutatingadmissionpolicybindings/registry-access-pullsecret-sync';
const rightsOfCleanup: Right[] = [
  ['list', 'namespaces', everywhere, true],
  ['delete', 'namespaces/team-a', everywhere, false],
  ['patch', `secrets/${secretName}`, 'team-a', true],
  ['delete', `secrets/${secretName}`, 'team-a', true],
  ['create', `secrets/${secretName}`, 'team-a', false],
  ['get', 'secrets/private', 'team-a', false],
  ['delete', 'secrets/private', 'team-a', false],
  ['list', 'secrets', everywhere, false],
  ['deletecollection', 'secrets', 'team-a', false],
  ['get', 'secrets/pullsecret-sync-source', here, false],
  ['get', 'secrets/sh.helm.release.v1.pullsecret-sync.v1', here, false],
  ['patch', 'serviceaccounts/default', 'team-a', true],
  ['patch', 'serviceaccounts/builder', 'team-a', false],
  ['delete', 'serviceaccounts/default', 'team-a', false],
  ['create', 'serviceaccounts/token', here, false],
  ['patch', 'configmaps/pullsecret-sync', here, true],
  ['delete', 'configmaps/pullsecret-sync', here, false],
  ['delete', 'configmaps/pullsecret-sync-status', here, true],
  ['patch', 'configmaps/pullsecret-sync-status', here, false],
  ['patch', 'configmaps/another', here, false],
  ['patch', 'cronjobs/pullsecret-sync', here, true],
  ['delete', 'cronjobs/pullsecret-sync', here, false],
  ['patch', 'cronjobs/another', here, false],
  ['patch', 'cronjobs/pullsecret-sync', 'team-a', false],
  ['delete', 'jobs/pullsecret-sync-1', here, true],
  ['create', 'jobs', here, false],
  ['delete', 'jobs/another', 'team-a', false],
  ['delete', 'pods/another', here, false],
  ['delete', 'deployments/pullsecret-sync', here, true],
  ['patch', 'deployments/pullsecret-sync', here, false],
  ['delete', 'deployments/another', here, false],
  ['delete', binding, everywhere, true],
  ['delete', 'mutatingadmissionpolicybindings/another', everywhere, false],
  ['patch', 'mutatingadmissionpolicies/registry-access-pullsecret-sync', everywhere, false],
  ['patch', 'clusterroles/registry-access-pullsecret-sync', everywhere, false],
  ['create', 'clusterrolebindings', everywhere, false],
  ['escalate', 'clusterroles', everywhere, false],
  ['impersonate', 'users', everywhere, false],
];

for (const [who, account, rights] of [
  ['the job', 'pullsecret-sync', rightsOfJob],
  ['the cleanup', 'pullsecret-sync-cleanup', rightsOfCleanup],
] as const) {
  for (const [verb, object, namespace, may] of rights) {
    const place = namespace === everywhere ? 'the cluster' : namespace;
    test(`${who} ${may ? 'may' : 'may not'} ${verb} ${object} in ${place}`, async () => {
      const where = namespace === everywhere ? [everywhere] : ['-n', namespace];
      const as = `--as=system:serviceaccount:${releaseNamespace}:${account}`;

      const answer = await cluster
        .kubectl(['auth', 'can-i', verb, object, ...where, as])
        .catch((error) => error.stdout);

      assert.match(answer, may ? /^yes/ : /^no/);
    });
  }
}

test('the job lists the copies of all namespaces by their name, and no other Secret', async () => {
  const list = (name: string) =>
    cluster.kubectlAsJob(['get', 'secrets', '-A', '--field-selector', `metadata.name=${name}`]);

  await list(secretName);
  await assert.rejects(list('private'), /forbidden/);
});

test('a missing right is named with the rule that grants it, and nothing is written', async () => {
  const [role] = await cluster.list<V1ClusterRole>('clusterroles', '-l', 'app.kubernetes.io/instance=pullsecret-sync');
  const name = role?.metadata?.name ?? '';
  await cluster.kubectl(['patch', 'clusterrole', name, '--type=json', '-p', '[{"op":"remove","path":"/rules/0"}]']);

  const { code, events } = await cluster.job(['sync']);

  assert.equal(code, 1);
  const error = events.find(({ level }) => level === 'error');
  assert.match(String(error?.fix), /\{apiGroups: \[""\], resources: \[namespaces\], verbs: \[list\]\}/);
  assert.deepEqual(await cluster.list('secrets', '-A', '--field-selector', `metadata.name=${secretName}`), []);
});
