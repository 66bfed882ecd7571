import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1PolicyRule } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { everyValue } from './every-value.ts';
import { configText, credentials, has, one, withEachHelm } from './support.ts';

const labels = {
  'app.kubernetes.io/name': 'pullsecret-sync',
  'app.kubernetes.io/instance': 'pullsecret-sync',
  'app.kubernetes.io/component': 'follower',
};

withEachHelm('follower', (helm) => {
  const template = (values: object = {}) =>
    helm.template({ values: { ...credentials, follow: { enabled: true }, ...values } });

  test('is there only where it is wanted, and the schedule stays', async () => {
    const off = await helm.template();
    const on = await template();

    for (const kind of ['Deployment', 'Service'] as const) {
      assert.equal(has(off, kind, 'follower'), false);
      assert.equal(has(on, kind, 'follower'), true);
    }
    assert.equal(has(on, 'CronJob'), true);
    assert.equal(parse(configText(off)).objects.follower, undefined);
    assert.equal(parse(configText(on)).objects.follower, one(on, 'Deployment', 'follower').metadata?.name);
  });

  test('is one pod at a time, which nothing else of the release selects', async () => {
    const manifests = await template();

    const { spec } = one(manifests, 'Deployment', 'follower');
    assert.equal(spec?.replicas, 1);
    assert.deepEqual(spec?.strategy, { type: 'Recreate' });
    assert.deepEqual(spec?.selector.matchLabels, labels);
    assert.deepEqual(one(manifests, 'Service', 'follower').spec?.selector, labels);
    const pod = one(manifests, 'CronJob').spec?.jobTemplate.spec?.template.metadata?.labels ?? {};
    assert.equal(pod['app.kubernetes.io/component'], undefined);
  });

  test('runs as the job does, goes on, and says how it is', async () => {
    const { template: pod } =
      one(await template({ follow: { enabled: true, metricsPort: 9090 } }), 'Deployment', 'follower').spec ?? {};

    const [container] = pod?.spec?.containers ?? [];
    assert.equal(pod?.spec?.restartPolicy, 'Always');
    assert.equal(pod?.spec?.serviceAccountName, 'pullsecret-sync');
    assert.equal(pod?.spec?.securityContext?.runAsNonRoot, true);
    assert.deepEqual(container?.args, ['sync', '--follow', '--metrics-port=9090']);
    assert.deepEqual(container?.ports, [{ name: 'metrics', containerPort: 9090 }]);
    assert.deepEqual(container?.livenessProbe?.httpGet, { path: '/healthz', port: 'metrics' });
    assert.deepEqual(container?.readinessProbe?.httpGet, { path: '/readyz', port: 'metrics' });
  });

  test('has resources of its own', async () => {
    const { resources } = everyValue.follow;
    const manifests = await template({
      follow: { enabled: true, resources: { ...resources, requests: { cpu: '2m', memory: null } } },
    });

    const [container] = one(manifests, 'Deployment', 'follower').spec?.template.spec?.containers ?? [];
    assert.deepEqual(container?.resources, resources);
  });

  test('starts anew with another configuration, and no credential is hashed', async () => {
    const checksum = async (values: object = {}) =>
      one(await template(values), 'Deployment', 'follower').spec?.template.metadata?.annotations?.[
        'checksum/configuration'
      ];
    const password = { registries: { main: { ...credentials.registries.main, password: 'another' } } };

    assert.notEqual(await checksum({ secretName: 'regcred' }), await checksum());
    assert.equal(await checksum(password), await checksum());
  });

  test('may watch what a run may list or read, and no more', async () => {
    const [off, on] = [await helm.template(), await template()];

    for (const kind of ['ClusterRole', 'Role'] as const) {
      assert.deepEqual(
        rulesOf(off, kind).filter(({ verbs }) => verbs.includes('watch')),
        [],
      );
      assert.deepEqual(rulesOf(on, kind).map(withoutVerbs), rulesOf(off, kind).map(withoutVerbs));
    }
    assert.deepEqual(
      rulesOf(on, 'ClusterRole').map(({ verbs }) => verbs),
      [
        ['list', 'watch'],
        ['create', 'patch', 'list', 'delete', 'watch'],
        ['list', 'patch', 'watch'],
        // Events are written, and nobody waits for one.
        ['get', 'create', 'patch', 'delete'],
      ],
    );
    assert.deepEqual(
      rulesOf(on, 'Role').map(({ verbs }) => verbs),
      [
        ['get', 'list', 'watch'],
        ['get', 'list', 'watch'],
        ['create', 'patch', 'get'],
      ],
    );
  });

  test('may be deleted by the cleanup, by its name', async () => {
    const cleanup = one(await template(), 'Role', 'cleanup');

    assert.deepEqual(cleanup.rules?.at(-1), {
      apiGroups: ['apps'],
      resources: ['deployments'],
      resourceNames: ['pullsecret-sync'],
      verbs: ['delete'],
    });
  });

  test('lets its metrics be read where the NetworkPolicy lets nothing else in', async () => {
    const policies = (await template({ networkPolicy: { enabled: true } })).filter(
      ({ kind }) => kind === 'NetworkPolicy',
    );

    const [own] = policies.filter(({ metadata }) => metadata?.name === 'pullsecret-sync-follower');
    assert.equal(policies.length, 2);
    assert.deepEqual((own as { spec?: object }).spec, {
      podSelector: { matchLabels: labels },
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ port: 8080, protocol: 'TCP' }] }],
    });
  });

  test('is scraped where a ServiceMonitor is wanted', async () => {
    const manifests = await template({ serviceMonitor: everyValue.serviceMonitor });

    const monitor = one(manifests, 'ServiceMonitor', 'follower');
    assert.equal(has(await template(), 'ServiceMonitor', 'follower'), false);
    assert.equal(monitor.metadata?.labels?.release, 'prometheus');
    assert.deepEqual(monitor.spec.selector.matchLabels, labels);
    assert.deepEqual(monitor.spec.endpoints, [{ port: 'metrics', interval: '15s' }]);
    const service = one(manifests, 'Service', 'follower');
    for (const [key, value] of Object.entries(labels)) assert.equal(service.metadata?.labels?.[key], value);
    assert.equal(service.spec?.ports?.[0]?.name, 'metrics');
  });
});

function rulesOf(manifests: Parameters<typeof one>[0], kind: 'ClusterRole' | 'Role'): V1PolicyRule[] {
  return one(manifests, kind).rules ?? [];
}

function withoutVerbs({ verbs: _, ...rule }: V1PolicyRule): object {
  return rule;
}
