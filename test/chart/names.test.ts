import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credentials, type Manifest, one, podTemplates, withEachHelm } from './support.ts';

const everything = { ...credentials, admissionPolicy: { enabled: true } };

const release53 = `release-${'x'.repeat(45)}`;
const clusterScoped = [
  'ClusterRole',
  'ClusterRoleBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
];
const namespace63 = `namespace-${'y'.repeat(53)}`;

withEachHelm('names', (helm) => {
  test('are the release, where it has the name of the chart', async () => {
    assert.deepEqual(names(await helm.template({ release: 'pullsecret-sync', values: everything })), {
      ServiceAccount: 'pullsecret-sync',
      Secret: 'pullsecret-sync-source',
      ConfigMap: 'pullsecret-sync',
      ClusterRole: 'registry-access-pullsecret-sync',
      ClusterRoleBinding: 'registry-access-pullsecret-sync',
      MutatingAdmissionPolicy: 'registry-access-pullsecret-sync',
      MutatingAdmissionPolicyBinding: 'registry-access-pullsecret-sync',
      Role: 'pullsecret-sync',
      RoleBinding: 'pullsecret-sync',
      CronJob: 'pullsecret-sync',
      Job: 'pullsecret-sync-now',
      status: 'pullsecret-sync-status',
    });
  });

  test('are the release and the chart, where it has another', async () => {
    assert.deepEqual(names(await helm.template({ release: 'creds', namespace: 'infra', values: everything })), {
      ServiceAccount: 'creds-pullsecret-sync',
      Secret: 'creds-pullsecret-sync-source',
      ConfigMap: 'creds-pullsecret-sync',
      ClusterRole: 'infra-creds-pullsecret-sync',
      ClusterRoleBinding: 'infra-creds-pullsecret-sync',
      MutatingAdmissionPolicy: 'infra-creds-pullsecret-sync',
      MutatingAdmissionPolicyBinding: 'infra-creds-pullsecret-sync',
      Role: 'creds-pullsecret-sync',
      RoleBinding: 'creds-pullsecret-sync',
      CronJob: 'creds-pullsecret-sync',
      Job: 'creds-pullsecret-sync-now',
      status: 'creds-pullsecret-sync-status',
    });
  });

  for (const release of [release53, `pullsecret-sync-${'x'.repeat(37)}`, `${'b'.repeat(46)}.c`]) {
    test(`of the release ${release} fit into what Kubernetes takes`, async () => {
      const manifests = await helm.template({ release, namespace: namespace63, values: everything });

      const { CronJob, status, ...others } = names(manifests);
      assert.ok(CronJob && CronJob.length <= 52);
      for (const name of [CronJob, ...Object.values(others)]) {
        assert.ok(name.length <= 63, name);
        assert.match(name, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
      }
      for (const label of manifests.flatMap(({ metadata }) => Object.values(metadata?.labels ?? {}))) {
        assert.ok(label.length <= 63, label);
      }
      assert.ok(status?.endsWith('-status') && status.startsWith(release));
    });
  }

  test('of Jobs have no dots, since pods are named after them', async () => {
    const { CronJob, Job } = names(await helm.template({ release: 'a.b' }));

    assert.deepEqual([CronJob, Job], ['a-b-pullsecret-sync', 'a-b-pullsecret-sync-now']);
  });

  test('of two long releases that differ at the end differ too', async () => {
    const [first, second] = await Promise.all(
      ['1', '2'].map(async (end) => names(await helm.template({ release: `${release53.slice(1)}${end}` }))),
    );

    assert.ok(first && second);
    for (const [kind, name] of Object.entries(first)) assert.notEqual(name, second[kind], kind);
  });

  test('in the cluster differ for releases of one name in two namespaces', async () => {
    const [first, second] = await Promise.all(
      ['1', '2'].map(async (end) =>
        names(await helm.template({ namespace: `${namespace63.slice(1)}${end}`, values: everything })),
      ),
    );

    for (const kind of clusterScoped) assert.notEqual(first?.[kind], second?.[kind], kind);
  });

  test('take nameOverride in place of the name of the chart, but for the status', async () => {
    const manifests = await helm.template({ release: 'creds', values: { ...credentials, nameOverride: 'pulls' } });

    assert.equal(names(manifests).CronJob, 'creds-pulls');
    assert.equal(names(manifests).status, 'creds-pullsecret-sync-status');
    assert.equal(one(manifests, 'CronJob').metadata?.labels?.['app.kubernetes.io/name'], 'pulls');
  });

  test('take fullnameOverride as it is, but for the status', async () => {
    const manifests = await helm.template({ release: 'creds', values: { ...credentials, fullnameOverride: 'pulls' } });

    assert.equal(names(manifests).CronJob, 'pulls');
    assert.equal(names(manifests).Secret, 'pulls-source');
    assert.equal(names(manifests).status, 'creds-pullsecret-sync-status');
  });

  test('of everything but what is cluster-scoped come with the namespace', async () => {
    for (const { kind, metadata } of await helm.template({ namespace: 'infra', values: everything })) {
      assert.equal(metadata?.namespace, clusterScoped.includes(kind) ? undefined : 'infra', kind);
    }
  });

  test('come with the recommended labels', async () => {
    for (const { kind, metadata } of await helm.template({ release: 'creds', values: everything })) {
      assert.deepEqual(
        metadata?.labels,
        {
          'helm.sh/chart': 'pullsecret-sync-0.1.0',
          'app.kubernetes.io/name': 'pullsecret-sync',
          'app.kubernetes.io/instance': 'creds',
          'app.kubernetes.io/version': '0.1.0',
          'app.kubernetes.io/managed-by': 'Helm',
        },
        kind,
      );
    }
  });

  test('that refer to each other agree, however long', async () => {
    const manifests = await helm.template({ release: release53, namespace: namespace63 });

    const { ServiceAccount, Secret, ConfigMap } = names(manifests);
    for (const { spec } of podTemplates(manifests)) {
      assert.equal(spec?.serviceAccountName, ServiceAccount);
      assert.equal(spec?.imagePullSecrets?.[0]?.name, Secret);
      assert.equal(spec?.containers[0]?.env?.[0]?.value, `${namespace63}/${ConfigMap}`);
    }
    assert.deepEqual(
      one(manifests, 'Role')
        .rules?.slice(0, 2)
        .map(({ resourceNames }) => resourceNames),
      [[Secret], [ConfigMap]],
    );
  });
});

/** The name of each kind, and of the status ConfigMap, which is named in the Role only. */
function names(manifests: Manifest[]): Record<string, string> {
  const entries = manifests.map(({ kind, metadata }) => [kind, metadata?.name]);
  return { ...Object.fromEntries(entries), status: one(manifests, 'Role').rules?.[2]?.resourceNames?.[0] };
}
