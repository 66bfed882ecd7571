import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cleanup,
  componentOf,
  credentials,
  type Kind,
  type Manifest,
  one,
  podTemplates,
  version,
  withEachHelm,
} from './support.ts';

const on = { enabled: true };
const everything = {
  ...credentials,
  dockerConfigJson: '{}',
  externalSecret: { secretStoreRef: { name: 'vault' }, remoteRef: { key: 'registry' } },
  admissionPolicy: on,
  guardPolicy: on,
  networkPolicy: on,
  follow: on,
  serviceMonitor: on,
  prometheusRule: on,
  dashboard: on,
};

const release53 = `release-${'x'.repeat(45)}`;
const clusterScoped = [
  'ClusterRole',
  'ClusterRoleBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
];
const namespace63 = `namespace-${'y'.repeat(53)}`;

withEachHelm('names', (helm) => {
  for (const [what, release, namespace, base] of [
    ['the release, where it has the name of the chart', 'pullsecret-sync', 'registry-access', 'pullsecret-sync'],
    ['the release and the chart, where it has another', 'creds', 'infra', 'creds-pullsecret-sync'],
  ] as const) {
    test(`are ${what}`, async () => {
      assert.deepEqual(names(await helm.template({ release, namespace, values: everything })), {
        ServiceAccount: base,
        'Secret source': `${base}-source`,
        'Secret docker-config': `${base}-docker-config`,
        ExternalSecret: `${base}-external`,
        ConfigMap: base,
        'dashboard ConfigMap': `${base}-dashboard`,
        ClusterRole: `${namespace}-${base}`,
        ClusterRoleBinding: `${namespace}-${base}`,
        MutatingAdmissionPolicy: `${namespace}-${base}`,
        MutatingAdmissionPolicyBinding: `${namespace}-${base}`,
        'ValidatingAdmissionPolicy copies': `${namespace}-${base}-copies`,
        'ValidatingAdmissionPolicy references': `${namespace}-${base}-references`,
        'ValidatingAdmissionPolicyBinding copies': `${namespace}-${base}-copies`,
        'ValidatingAdmissionPolicyBinding references': `${namespace}-${base}-references`,
        NetworkPolicy: base,
        PrometheusRule: base,
        Role: base,
        RoleBinding: base,
        CronJob: base,
        Job: `${base}-now`,
        Pod: `${base}-check`,
        'cleanup ServiceAccount': `${base}-cleanup`,
        'cleanup ClusterRole': `${namespace}-${base}-cleanup`,
        'cleanup ClusterRoleBinding': `${namespace}-${base}-cleanup`,
        'cleanup Role': `${base}-cleanup`,
        'cleanup RoleBinding': `${base}-cleanup`,
        'cleanup Job': `${base}-cleanup`,
        'cleanup ValidatingAdmissionPolicy': `${namespace}-${base}-cleanup`,
        'cleanup ValidatingAdmissionPolicyBinding': `${namespace}-${base}-cleanup`,
        'verify Secret': `${base}-verify`,
        'verify Job': `${base}-verify`,
        'follower Deployment': base,
        'follower Service': base,
        'follower NetworkPolicy': `${base}-follower`,
        'follower ServiceMonitor': base,
        status: `${base}-status`,
      });
    });
  }

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

    const kinds = Object.keys(first ?? {}).filter((key) => clusterScoped.some((kind) => key.split(' ').includes(kind)));
    assert.ok(kinds.length >= clusterScoped.length);
    for (const kind of kinds) assert.notEqual(first?.[kind], second?.[kind], kind);
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
    assert.equal(names(manifests)['Secret source'], 'pulls-source');
    assert.equal(names(manifests).status, 'creds-pullsecret-sync-status');
  });

  test('of everything but what is cluster-scoped come with the namespace', async () => {
    for (const { kind, metadata } of await helm.template({ namespace: 'infra', values: everything })) {
      assert.equal(metadata?.namespace, clusterScoped.includes(kind) ? undefined : 'infra', kind);
    }
  });

  test('come with the recommended labels', async () => {
    for (const manifest of await helm.template({ release: 'creds', values: everything })) {
      const { 'app.kubernetes.io/component': _, ...labels } = manifest.metadata?.labels ?? {};
      assert.deepEqual(
        labels,
        {
          ...(manifest.kind === 'Pod' && { 'sidecar.istio.io/inject': 'false' }),
          ...(componentOf(manifest) === 'dashboard' && { grafana_dashboard: '1' }),
          'helm.sh/chart': `pullsecret-sync-${version}`,
          'app.kubernetes.io/name': 'pullsecret-sync',
          'app.kubernetes.io/instance': 'creds',
          'app.kubernetes.io/version': version,
          'app.kubernetes.io/managed-by': 'Helm',
        },
        manifest.kind,
      );
    }
  });

  test('that refer to each other agree, however long', async () => {
    const manifests = await helm.template({ release: release53, namespace: namespace63 });

    const all = names(manifests);
    const [scheduled, first, last] = podTemplates(manifests);
    for (const [template, account] of [
      [scheduled, all.ServiceAccount],
      [first, all.ServiceAccount],
      [last, all['cleanup ServiceAccount']],
    ] as const) {
      assert.equal(template?.spec?.serviceAccountName, account);
      assert.equal(template?.spec?.imagePullSecrets?.[0]?.name, all['Secret source']);
      assert.equal(template?.spec?.containers[0]?.env?.[0]?.value, `${namespace63}/${all.ConfigMap}`);
    }
    const named = (component?: string) =>
      one(manifests, 'Role', component).rules?.map(({ resourceNames }) => resourceNames?.[0]);
    assert.deepEqual(named(), [all['Secret source'], all.ConfigMap, all.status]);
    assert.deepEqual(named(cleanup), [all.ConfigMap, all.status, all.CronJob, undefined]);
  });
});

/** What tells objects of one kind and component apart. */
const severalOfAKind: Partial<Record<Kind, RegExp>> = {
  Secret: /-(source|docker-config)$/,
  ValidatingAdmissionPolicy: /-(copies|references)$/,
  ValidatingAdmissionPolicyBinding: /-(copies|references)$/,
};

/** The name of each object, and of the status ConfigMap, which is named in the Role only. */
function names(manifests: Manifest[]): Record<string, string> {
  const entries = manifests.map((manifest) => {
    const { kind, metadata } = manifest;
    const ending = severalOfAKind[kind]?.exec(metadata?.name ?? '')?.[1];
    return [[componentOf(manifest), kind, ending].filter(Boolean).join(' '), metadata?.name];
  });
  return { ...Object.fromEntries(entries), status: one(manifests, 'Role').rules?.at(-1)?.resourceNames?.[0] };
}
