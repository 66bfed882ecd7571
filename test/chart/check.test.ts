import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credentials, has, one, withEachHelm } from './support.ts';

withEachHelm('helm test', (helm) => {
  test("runs the job's own check, with the job's rights, and changes nothing", async () => {
    const manifests = await helm.template();

    const { metadata, spec } = one(manifests, 'Pod');
    assert.deepEqual(metadata?.annotations, {
      'sidecar.istio.io/inject': 'false',
      'helm.sh/hook': 'test',
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
      'helm.sh/hook-output-log-policy': 'hook-failed',
    });
    assert.deepEqual(spec?.containers[0]?.args, ['plan', '--exit-code']);
    assert.deepEqual(spec?.containers[0]?.env?.[1], { name: 'PULLSECRET_SYNC_LOG_FORMAT', value: 'text' });
    assert.equal(spec?.serviceAccountName, one(manifests, 'ServiceAccount').metadata?.name);
  });

  test('ends when a run would have to', async () => {
    const values = { ...credentials, activeDeadlineSeconds: 77 };

    assert.equal(one(await helm.template({ values }), 'Pod').spec?.activeDeadlineSeconds, 77);
    assert.equal(one(await helm.template(), 'Pod').spec?.restartPolicy, 'Never');
  });

  test('is not there for tools that would take it for a part of the release', async () => {
    assert.equal(has(await helm.template({ values: { ...credentials, helmHooks: false } }), 'Pod'), false);
  });
});
