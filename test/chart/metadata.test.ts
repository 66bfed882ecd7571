import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credentials, one, podTemplates, withEachHelm } from './support.ts';

const istio = { 'sidecar.istio.io/inject': 'false' };
const selected = { 'app.kubernetes.io/name': 'pullsecret-sync', 'app.kubernetes.io/instance': 'pullsecret-sync' };

withEachHelm('labels and annotations', (helm) => {
  const template = (values: object) => helm.template({ values: { ...credentials, ...values } });

  test('of the pods are those of the release, and keep out the sidecar that would keep a Job from ending', async () => {
    for (const { metadata } of podTemplates(await helm.template()))
      assert.deepEqual(metadata, { labels: { ...istio, ...selected }, annotations: istio });
  });

  for (const [what, nothing] of [
    ['the key is null', { 'sidecar.istio.io/inject': null }],
    ['the whole is null', null],
  ] as const) {
    test(`of the pods leave the sidecar to the cluster where ${what}`, async () => {
      for (const { metadata } of podTemplates(await template({ podLabels: nothing, podAnnotations: nothing })))
        assert.deepEqual(metadata, { labels: selected });
    });
  }

  test('go where their value says, and the chart keeps its own', async () => {
    const own = { 'app.kubernetes.io/name': 'own' };
    const manifests = await template({
      commonLabels: { level: 'common', all: 'yes', ...own },
      commonAnnotations: { level: 'common', all: 'yes' },
      cronJobLabels: { level: 'cronJob', ...own },
      cronJobAnnotations: { level: 'cronJob' },
      jobLabels: { level: 'job', ...own },
      jobAnnotations: { level: 'job', 'helm.sh/hook': 'own' },
      podLabels: { level: 'pod', ...own },
      podAnnotations: { level: 'pod' },
      serviceAccount: { annotations: { level: 'serviceAccount' } },
    });

    const cronJob = one(manifests, 'CronJob');
    const job = one(manifests, 'Job');
    for (const [level, metadata] of [
      ['cronJob', cronJob.metadata],
      ['job', cronJob.spec?.jobTemplate.metadata],
      ['job', job.metadata],
      ['pod', one(manifests, 'Pod').metadata],
      ...podTemplates(manifests).map((each) => ['pod', each.metadata] as const),
    ] as const) {
      assert.deepEqual([metadata?.labels?.level, metadata?.annotations?.level], [level, level]);
      assert.deepEqual([metadata?.labels?.all, metadata?.annotations?.all], ['yes', 'yes']);
      assert.equal(metadata?.labels?.['app.kubernetes.io/name'], 'pullsecret-sync');
    }
    assert.match(job.metadata?.annotations?.['helm.sh/hook'] ?? '', /^post-install/);
    const account = one(manifests, 'ServiceAccount').metadata;
    assert.deepEqual([account?.labels?.level, account?.annotations?.level], ['common', 'serviceAccount']);
    for (const { kind, metadata } of manifests) {
      assert.deepEqual([metadata?.labels?.all, metadata?.annotations?.all], ['yes', 'yes'], kind);
      assert.equal(metadata?.labels?.['app.kubernetes.io/name'], 'pullsecret-sync', kind);
    }
  });

  test("are none but the chart's own by default", async () => {
    for (const { kind, metadata } of await helm.template()) {
      const foreign = (keys: object = {}) =>
        Object.keys(keys).filter((key) => !/^(app\.kubernetes\.io|helm\.sh)\//.test(key));
      const expected = kind === 'Pod' ? Object.keys(istio) : [];
      assert.deepEqual([foreign(metadata?.labels), foreign(metadata?.annotations)], [expected, expected], kind);
    }
  });
});
