import assert from 'node:assert/strict';
import { test } from 'node:test';
import { componentOf, credentials, has, one, podTemplates, withEachHelm } from './support.ts';

withEachHelm('first run', (helm) => {
  test('is a hook of install, upgrade and rollback whose reason shows in the error', async () => {
    const job = one(await helm.template(), 'Job');

    assert.deepEqual(job.metadata?.annotations, {
      'helm.sh/hook': 'post-install,post-upgrade,post-rollback',
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
      'helm.sh/hook-output-log-policy': 'hook-failed',
    });
  });

  test('is not there when switched off, and all else is', async () => {
    const values = { ...credentials, runOnInstall: { enabled: false } };

    const without = await helm.template({ values });

    assert.equal(has(without, 'Job'), false);
    assert.deepEqual(
      without,
      (await helm.template()).filter((each) => each.kind !== 'Job' || componentOf(each) !== undefined),
    );
  });

  for (const [failOn, args] of [
    ['all', ['sync', '--tolerate-partial']],
    ['any', ['sync']],
  ] as const) {
    test(`with failOn ${failOn} runs ${args.join(' ')}`, async () => {
      const values = { ...credentials, runOnInstall: { failOn } };

      const [scheduled, hooked] = podTemplates(await helm.template({ values }));

      assert.deepEqual(hooked?.spec?.containers[0]?.args, args);
      assert.deepEqual(scheduled?.spec?.containers[0]?.args, ['sync']);
    });
  }

  test('logs text, which Helm shows to a person where it fails', async () => {
    const [, hooked] = podTemplates(await helm.template());

    const format = hooked?.spec?.containers[0]?.env?.find(({ name }) => name === 'PULLSECRET_SYNC_LOG_FORMAT');
    assert.equal(format?.value, 'text');
  });

  test('has the limits of the scheduled run', async () => {
    const manifests = await helm.template({ values: { ...credentials, activeDeadlineSeconds: 77, backoffLimit: 0 } });

    const { template: hooked, ttlSecondsAfterFinished, ...limits } = one(manifests, 'Job').spec ?? {};
    const { template: scheduled, ...scheduledLimits } = one(manifests, 'CronJob').spec?.jobTemplate.spec ?? {};
    assert.deepEqual(limits, scheduledLimits);
    assert.equal(one(manifests, 'Job').spec?.activeDeadlineSeconds, 77);
    assert.equal(ttlSecondsAfterFinished, 86_400, 'one that failed stays for a day');
    assert.deepEqual(hooked?.metadata, scheduled?.metadata);
  });
});
