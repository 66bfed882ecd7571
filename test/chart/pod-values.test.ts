import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1PodSpec } from '@kubernetes/client-node';
import { everyValue } from './every-value.ts';
import { credentials, podSpec, withEachHelm } from './support.ts';

/** The cleanup has no volume that holds a source: see source-files.test.ts. */
const shown = { ...everyValue, sourceFiles: [] };

const container = (spec: V1PodSpec) => spec.containers[0];

/** A value, where it stands in a pod, and what stands there by default. */
const rows: [value: keyof typeof everyValue, read: (spec: V1PodSpec) => unknown, off: unknown][] = [
  ['priorityClassName', (spec) => spec.priorityClassName, undefined],
  ['runtimeClassName', (spec) => spec.runtimeClassName, undefined],
  ['schedulerName', (spec) => spec.schedulerName, undefined],
  ['terminationGracePeriodSeconds', (spec) => spec.terminationGracePeriodSeconds, 30],
  ['dnsPolicy', (spec) => spec.dnsPolicy, undefined],
  ['dnsConfig', (spec) => spec.dnsConfig, undefined],
  ['hostAliases', (spec) => spec.hostAliases, undefined],
  ['topologySpreadConstraints', (spec) => spec.topologySpreadConstraints, undefined],
  ['tolerations', (spec) => spec.tolerations, undefined],
  ['affinity', (spec) => spec.affinity, undefined],
  ['extraVolumes', (spec) => spec.volumes, undefined],
  ['extraVolumeMounts', (spec) => container(spec)?.volumeMounts, undefined],
  ['extraEnvFrom', (spec) => container(spec)?.envFrom, undefined],
  [
    'resources',
    (spec) => container(spec)?.resources,
    { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '128Mi' } },
  ],
];

withEachHelm('value of the pods', (helm) => {
  for (const [value, read, off] of rows) {
    test(`${value} is written into each pod, and nothing without it`, async () => {
      assert.deepEqual(read(podSpec(await helm.template({ values: shown }))), everyValue[value]);
      assert.deepEqual(read(podSpec(await helm.template())), off);
    });
  }

  test('extraEnv comes after what the chart sets', async () => {
    const env = container(podSpec(await helm.template({ values: shown })))?.env;

    assert.deepEqual(env?.at(-1), everyValue.extraEnv[0]);
    assert.equal(container(podSpec(await helm.template()))?.env?.length, 2);
  });

  test('securityContext and podSecurityContext add to the defaults, which null takes away', async () => {
    const more = podSpec(await helm.template({ values: shown }));
    const none = podSpec(
      await helm.template({ values: { ...credentials, securityContext: null, podSecurityContext: null } }),
    );

    assert.deepEqual([more.securityContext?.runAsUser, more.securityContext?.runAsNonRoot], [1000, true]);
    assert.equal(container(more)?.securityContext?.runAsGroup, 1000);
    assert.equal(container(more)?.securityContext?.readOnlyRootFilesystem, true);
    assert.deepEqual([none.securityContext, container(none)?.securityContext], [undefined, undefined]);
  });

  const direct = '$(KUBERNETES_SERVICE_HOST),kubernetes.default.svc,localhost,127.0.0.1';
  for (const [proxy, expected] of [
    [{}, []],
    [null, []],
    [{ noProxy: 'a.example.com' }, []],
    [
      { https: 'http://p:1' },
      [
        ['HTTPS_PROXY', 'http://p:1'],
        ['NO_PROXY', direct],
      ],
    ],
    [
      { http: 'http://p:2', https: 'http://p:1', noProxy: '.example.com,10.0.0.0/8' },
      [
        ['HTTPS_PROXY', 'http://p:1'],
        ['HTTP_PROXY', 'http://p:2'],
        ['NO_PROXY', `${direct},.example.com,10.0.0.0/8`],
      ],
    ],
  ] as const) {
    test(`proxy ${JSON.stringify(proxy)} never stands between the job and the API server`, async () => {
      const env = container(podSpec(await helm.template({ values: { ...credentials, proxy } })))?.env;

      const proxies = env?.filter(({ name }) => name.endsWith('_PROXY')).map(({ name, value }) => [name, value]);
      assert.deepEqual(proxies?.toSorted(), expected);
    });
  }
});
