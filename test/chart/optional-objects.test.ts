import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { everyValue } from './every-value.ts';
import { configText, credentials, existing, has, one, withEachHelm } from './support.ts';

const externalSecret = { secretStoreRef: { name: 'vault' }, remoteRef: { key: 'registry' } };

/** What the operator's API server would fill in. */
const operatorDefaults = { conversionStrategy: 'Default', decodingStrategy: 'None', metadataPolicy: 'None' };

withEachHelm('optional object', (helm) => {
  const template = (values: object) => helm.template({ values: { ...existing, ...values } });

  for (const [kind, component] of [
    ['NetworkPolicy', undefined],
    ['PrometheusRule', undefined],
    ['ExternalSecret', undefined],
    ['ConfigMap', 'dashboard'],
  ] as const) {
    test(`${kind} ${component ?? ''} is there only where it is wanted`, async () => {
      assert.equal(has(await helm.template(), kind, component), false);
      assert.equal(has(await template({ ...everyValue, profiles: {} }), kind, component), true);
    });
  }

  test('NetworkPolicy lets the pods reach DNS and the ports of the API server and of registries', async () => {
    const manifests = await template({ networkPolicy: { enabled: true } });

    assert.deepEqual(one(manifests, 'NetworkPolicy').spec, {
      podSelector: {
        matchLabels: { 'app.kubernetes.io/name': 'pullsecret-sync', 'app.kubernetes.io/instance': 'pullsecret-sync' },
      },
      policyTypes: ['Ingress', 'Egress'],
      egress: [
        {
          ports: [
            { port: 53, protocol: 'UDP' },
            { port: 53, protocol: 'TCP' },
          ],
        },
        {
          ports: [
            { port: 443, protocol: 'TCP' },
            { port: 6443, protocol: 'TCP' },
          ],
        },
      ],
    });
  });

  test('NetworkPolicy takes other ports and further rules', async () => {
    const extraEgress = [{ to: [{ ipBlock: { cidr: '10.0.0.1/32' } }], ports: [{ port: 3128 }] }];

    const egress = async (networkPolicy: object) =>
      one(await template({ networkPolicy: { enabled: true, ...networkPolicy } }), 'NetworkPolicy').spec?.egress?.slice(
        1,
      );
    assert.deepEqual(await egress({ ports: [8443], extraEgress }), [
      { ports: [{ port: 8443, protocol: 'TCP' }] },
      ...extraEgress,
    ]);
    assert.deepEqual(await egress({ ports: [], extraEgress }), extraEgress);
  });

  test('ExternalSecret makes a docker config of what the store holds, and it is a source', async () => {
    const manifests = await helm.template({ values: { externalSecret } });

    assert.deepEqual(one(manifests, 'ExternalSecret').spec, {
      refreshInterval: '1h',
      secretStoreRef: { kind: 'SecretStore', name: 'vault' },
      target: {
        name: 'pullsecret-sync-external',
        creationPolicy: 'Owner',
        template: { type: 'kubernetes.io/dockerconfigjson' },
      },
      data: [{ secretKey: '.dockerconfigjson', remoteRef: { key: 'registry', ...operatorDefaults } }],
    });
    assert.deepEqual(parse(configText(manifests)).targets[0].sources, [{ secret: 'pullsecret-sync-external' }]);
    assert.deepEqual(one(manifests, 'Role').rules?.[0]?.resourceNames, ['pullsecret-sync-external']);
  });

  test('ExternalSecret takes each of its fields, and profiles have their own', async () => {
    const manifests = await template({
      profiles: { team: { externalSecret: everyValue.externalSecret, namespaces: { include: ['team-*'] } } },
    });

    const { metadata, spec } = one(manifests, 'ExternalSecret');
    assert.equal(metadata?.name, 'pullsecret-sync-team-external');
    assert.equal(spec.refreshInterval, '5m');
    assert.deepEqual(spec.secretStoreRef, everyValue.externalSecret.secretStoreRef);
    assert.deepEqual(spec.data[0].remoteRef, { ...operatorDefaults, ...everyValue.externalSecret.remoteRef });
  });

  test('of extraObjects is rendered from a manifest and from a text, and none is there without', async () => {
    const { extraObjects } = everyValue;
    const before = await helm.template({ values: credentials, release: 'creds' });

    const manifests = await helm.template({ values: { ...credentials, extraObjects }, release: 'creds' });

    const extra = manifests.filter(({ metadata }) => metadata?.labels === undefined);
    assert.deepEqual(extra.map(({ metadata }) => metadata).toSorted(byName), [
      { name: 'creds-extra' },
      { name: 'text', namespace: 'registry-access' },
    ]);
    assert.equal(manifests.length - extra.length, before.length);
  });

  test('sources come in the order in which a later one wins', async () => {
    const { sources } = parse(
      configText(await helm.template({ values: { ...everyValue, fullnameOverride: 'x', extraObjects: [] } })),
    ).targets.at(-1);

    assert.deepEqual(sources, [
      { secret: 'team' },
      { secret: 'common' },
      { file: '/etc/credentials/config.json' },
      { secret: 'x-external' },
      { secret: 'x-docker-config' },
      { secret: 'x-source' },
    ]);
  });
});

function byName(one: { name?: string } = {}, other: { name?: string } = {}): number {
  return (one.name ?? '').localeCompare(other.name ?? '');
}
