import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { V1ClusterRole, V1SubjectRulesReviewStatus } from '@kubernetes/client-node';
import { rightsOfRule } from '../support/rights.ts';
import { namesIn, rightsInReadme } from '../support/rights-in-readme.ts';
import { type Caller, callerOf } from './api-requests.ts';
import { refusedRequests } from './refused-requests.ts';
import { registryValues, releaseNamespace, secretName, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;
/** With the tokens of the release, and of a ServiceAccount without roles. */
let callers: Record<'job' | 'cleanup' | 'nobody', Caller>;
const on = { enabled: true };

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces('team-a');
  await cluster.install({ ...registryValues(), admissionPolicy: on, follow: on, recreateStuckPods: on });
  await cluster.kubectl(['create', 'secret', 'generic', 'private', '-n', 'team-a', '--from-literal=a=b']);
  callers = {
    job: await callerOf(cluster.jobKubeconfig),
    cleanup: await callerOf(await cluster.kubeconfigFor(releaseNamespace, 'pullsecret-sync-cleanup')),
    nobody: await callerOf(await cluster.kubeconfigFor('team-a', 'default')),
  };
});
after(async () => {
  for (const caller of Object.values(callers)) await caller[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const all = {
  'follow.enabled': true,
  'events.enabled': true,
  'recreateStuckPods.enabled': true,
  'admissionPolicy.enabled': true,
};

for (const who of ['job', 'cleanup'] as const) {
  for (const namespace of [releaseNamespace, 'team-a']) {
    test(`what the API server lets the ${who} do in ${namespace} is what the README says`, async () => {
      const ofEverybody = await rulesOf('nobody', namespace);

      const rules = (await rulesOf(who, namespace)).filter((rule) => !ofEverybody.includes(rule));

      const names = namesIn([secretName], ['default'], ['pullsecret-sync-source']);
      const stated = [...(await rightsInReadme())[who](all, names)].map((right) => right.split(' '));
      const here = stated.filter(([, , , where = '']) => ['*', namespace].includes(where));
      assert.deepEqual(rules.toSorted(), here.map((parts) => parts.slice(0, 3).join(' ')).toSorted());
    });
  }
}

/** Resources, as the README's tables name them, and paths that are none. */
async function rulesOf(who: keyof typeof callers, namespace: string): Promise<string[]> {
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
  const { status, body } = await callers[who].ask({ method: 'POST', path, body: review });
  assert.equal(status, 201, body.message);
  const { resourceRules, nonResourceRules, incomplete }: V1SubjectRulesReviewStatus = body.status;
  assert.equal(incomplete, false);
  const paths = nonResourceRules.flatMap(({ verbs, nonResourceURLs = [] }) =>
    verbs.flatMap((verb) => nonResourceURLs.map((path) => `${verb} ${path}`)),
  );
  return [...new Set([...resourceRules.flatMap(rightsOfRule), ...paths])];
}

for (const who of ['job', 'cleanup'] as const) {
  suite(`whoever has the token of the ${who}`, () => {
    for (const [cannot, request] of refusedRequests) {
      test(`cannot ${cannot}`, async () => {
        const { status, body } = await callers[who].ask(request);

        assert.equal(status, 403);
        assert.match(body.message, /User "system:serviceaccount:registry-access:.*" cannot \S+ resource/);
      });
    }
  });
}

test('the job lists the copies of all namespaces by their name, and no other Secret', async () => {
  const list = async (name: string) =>
    (await callers.job.ask({ path: `/api/v1/secrets?fieldSelector=metadata.name=${name}` })).status;

  assert.deepEqual([await list(secretName), await list('private')], [200, 403]);
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
