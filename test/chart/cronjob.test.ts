import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1CronJobSpec } from '@kubernetes/client-node';
import { credentials, type Helm, one, withEachHelm } from './support.ts';

withEachHelm('CronJob', (helm) => {
  test('runs each minute, one at a time, and always ends', async () => {
    const { jobTemplate, ...schedule } = await spec(helm);

    assert.deepEqual(schedule, {
      schedule: '* * * * *',
      suspend: false,
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 300,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 1,
    });
    assert.equal(jobTemplate.spec?.activeDeadlineSeconds, 240);
    assert.equal(jobTemplate.spec?.backoffLimit, 1);
  });

  test('fails at once where the configuration is wrong', async () => {
    const { jobTemplate } = await spec(helm);

    assert.deepEqual(jobTemplate.spec?.podFailurePolicy?.rules, [
      { action: 'FailJob', onExitCodes: { containerName: 'pullsecret-sync', operator: 'In', values: [78] } },
    ]);
    assert.equal(jobTemplate.spec?.template.spec?.restartPolicy, 'Never');
  });

  test('calls the whole run by its name and leaves the program to the image', async () => {
    const { jobTemplate } = await spec(helm);

    const container = jobTemplate.spec?.template.spec?.containers[0];
    assert.deepEqual(container?.args, ['sync']);
    assert.equal(container?.command, undefined);
  });

  test('leaves the time zone to the cluster', async () => {
    assert.equal('timeZone' in (await spec(helm)), false);
    assert.equal('timeZone' in (await spec(helm, { timeZone: null })), false);
  });

  test('takes schedule and time zone', async () => {
    const { schedule, timeZone } = await spec(helm, { schedule: '@hourly', timeZone: 'Europe/Berlin' });

    assert.deepEqual([schedule, timeZone], ['@hourly', 'Europe/Berlin']);
  });

  test('can be suspended', async () => {
    assert.equal((await spec(helm, { suspend: true })).suspend, true);
  });

  test('takes every number, 0 included', async () => {
    const zero = await spec(helm, { backoffLimit: 0, successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 0 });

    assert.equal(zero.jobTemplate.spec?.backoffLimit, 0);
    assert.equal(zero.successfulJobsHistoryLimit, 0);
    assert.equal(zero.failedJobsHistoryLimit, 0);
  });

  test('keeps finished Jobs by their number, or for a time', async () => {
    const ttl = async (values: object) => (await spec(helm, values)).jobTemplate.spec?.ttlSecondsAfterFinished;

    assert.equal(await ttl({}), undefined);
    assert.equal(await ttl({ ttlSecondsAfterFinished: 0 }), 0);
    assert.equal(await ttl({ ttlSecondsAfterFinished: 600 }), 600);
  });

  test('writes large numbers as whole ones', async () => {
    const large = await spec(helm, { activeDeadlineSeconds: 10_000_000, startingDeadlineSeconds: 20_000_000 });

    assert.equal(large.jobTemplate.spec?.activeDeadlineSeconds, 10_000_000);
    assert.equal(large.startingDeadlineSeconds, 20_000_000);
  });
});

async function spec(helm: Helm, values: object = {}): Promise<V1CronJobSpec> {
  const cronJob = one(await helm.template({ values: { ...credentials, ...values } }), 'CronJob');
  assert.ok(cronJob.spec);
  return cronJob.spec;
}
