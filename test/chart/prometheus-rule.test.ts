import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AlertRule, checkRules, type Scenario, tryRules } from './promtool.ts';
import { credentials, one, withEachHelm } from './support.ts';

const namespace = 'registry-access';
const cronJob = (metric: string, name = 'pullsecret-sync') =>
  `kube_cronjob_${metric}{namespace="${namespace}",cronjob="${name}"}`;
const created = { [cronJob('created')]: '0x99' };
const lastSuccess = (values: string, name?: string) => ({
  [cronJob('status_last_successful_time', name)]: values,
});

/** A Job of the schedule that failed. It began at that second, and is there as long as the values say. */
function failedJob(
  start: string,
  { name = 'run-1', owner = 'pullsecret-sync', kind = 'CronJob', instance = 'a' } = {},
) {
  const labels = `namespace="${namespace}",job_name="${name}",instance="${instance}"`;
  return {
    [`kube_job_status_start_time{${labels}}`]: start,
    [`kube_job_owner{${labels},owner_kind="${kind}",owner_name="${owner}"}`]: '1x99',
    [`kube_job_failed{${labels},condition="true"}`]: '1x99',
    [`kube_job_failed{${labels},condition="false"}`]: '0x99',
  };
}

const noSuccess = {
  alert: 'PullsecretSyncNoSuccessfulRun',
  fires: { namespace, cronjob: 'pullsecret-sync' },
};
const lastFailed = { alert: 'PullsecretSyncLastRunFailed', fires: { namespace } };
const silent = { fires: undefined };
const notReady = {
  alert: 'PullsecretSyncFollowerNotReady',
  fires: { namespace, deployment: 'pullsecret-sync' },
};
const available = (values: string, name = 'pullsecret-sync') => ({
  [`kube_deployment_status_replicas_available{namespace="${namespace}",deployment="${name}"}`]: values,
});
const failing = { alert: 'PullsecretSyncNamespacesFailed', fires: { namespace } };
const failed = (values: string, { state = 'failed', service = 'pullsecret-sync' } = {}) => ({
  [`pullsecret_sync_namespaces{namespace="${namespace}",service="${service}",state="${state}",pod="a"}`]: values,
});

const scenarios: Record<string, Scenario> = {
  'no success ever, within the time': { ...noSuccess, ...silent, series: created, minute: 15 },
  'no success ever': { ...noSuccess, series: created, minute: 16 },
  'a success a while ago, within the time': {
    ...noSuccess,
    ...silent,
    series: { ...created, ...lastSuccess('600x99') },
    minute: 25,
  },
  'a success too long ago': { ...noSuccess, series: { ...created, ...lastSuccess('600x99') }, minute: 26 },
  'a success each minute': {
    ...noSuccess,
    ...silent,
    series: { ...created, ...lastSuccess('0+60x99') },
    minute: 90,
  },
  'no success while the schedule is suspended': {
    ...noSuccess,
    ...silent,
    series: { ...created, [cronJob('spec_suspend')]: '1x99' },
    minute: 60,
  },
  'no success while the schedule is not suspended': {
    ...noSuccess,
    series: { ...created, [cronJob('spec_suspend')]: '0x99' },
    minute: 60,
  },
  'no success while another release succeeds': {
    ...noSuccess,
    series: { ...created, ...lastSuccess('0+60x99', 'other') },
    minute: 60,
  },
  'a success each minute while another release has none': {
    ...noSuccess,
    ...silent,
    series: { ...lastSuccess('0+60x99'), [cronJob('created', 'other')]: '0x99' },
    minute: 60,
  },
  'a failed run before any success': {
    ...lastFailed,
    series: { ...created, ...failedJob('60x99') },
    minute: 10,
  },
  'a failed run, for a moment': {
    ...lastFailed,
    ...silent,
    series: { ...created, ...failedJob('_ 60x99') },
    minute: 5,
  },
  'a failed run after a success': {
    ...lastFailed,
    series: { ...created, ...lastSuccess('60x99'), ...failedJob('120x99') },
    minute: 10,
  },
  'a failed run that is kept from before a success': {
    ...lastFailed,
    ...silent,
    series: { ...created, ...lastSuccess('120x99'), ...failedJob('60x99') },
    minute: 10,
  },
  'a failed run until the next one succeeds': {
    ...lastFailed,
    series: { ...created, ...lastSuccess('30x9 600x89'), ...failedJob('60x99') },
    minute: 9,
  },
  'a failed run since the next one succeeded': {
    ...lastFailed,
    ...silent,
    series: { ...created, ...lastSuccess('30x9 600x89'), ...failedJob('60x99') },
    minute: 11,
  },
  'failed runs that replace each other': {
    ...lastFailed,
    series: { ...created, ...failedJob('60x5 stale'), ...failedJob('_x4 300x90', { name: 'run-2' }) },
    minute: 10,
  },
  'a failed run of another release': {
    ...lastFailed,
    ...silent,
    series: { ...created, ...failedJob('60x99', { owner: 'other' }) },
    minute: 10,
  },
  'a failed Job of no schedule': {
    ...lastFailed,
    ...silent,
    series: { ...created, ...failedJob('60x99', { owner: '<none>', kind: '<none>' }) },
    minute: 10,
  },
  'a follower that is not ready': { ...notReady, series: available('1x9 0x90'), minute: 20 },
  'a follower that starts anew': { ...notReady, ...silent, series: available('1x9 0x4 1x90'), minute: 20 },
  'a Deployment of another name that is not ready': {
    ...notReady,
    ...silent,
    series: { ...available('0x99', 'other'), ...available('1x99') },
    minute: 30,
  },
  'a namespace that the follower cannot bring in line': { ...failing, series: failed('0x9 2x90'), minute: 20 },
  'a namespace that failed for a moment': { ...failing, ...silent, series: failed('0x9 2x4 0x90'), minute: 20 },
  'namespaces that are in line': { ...failing, ...silent, series: failed('9x99', { state: 'in_line' }), minute: 30 },
  'failures of another release': { ...failing, ...silent, series: failed('9x99', { service: 'other' }), minute: 30 },
  'a failed run that two kube-state-metrics tell of': {
    ...lastFailed,
    series: { ...created, ...failedJob('60x99'), ...failedJob('60x99', { instance: 'b' }) },
    minute: 10,
  },
};

withEachHelm('alerts', (helm) => {
  async function rules(prometheusRule: object = {}): Promise<AlertRule[]> {
    const on = { enabled: true };
    const values = { ...credentials, follow: on, serviceMonitor: on, prometheusRule: { ...on, ...prometheusRule } };
    return one(await helm.template({ values }), 'PrometheusRule').spec.groups[0].rules;
  }

  test('are rules that Prometheus takes, in a group that no other release has', async () => {
    const values = { ...credentials, prometheusRule: { enabled: true } };

    const { groups } = one(await helm.template({ values }), 'PrometheusRule').spec;

    assert.deepEqual(
      groups.map(({ name }: { name: string }) => name),
      ['registry-access-pullsecret-sync'],
    );
    await checkRules(groups);
  });

  for (const [what, scenario] of Object.entries(scenarios)) {
    test(`${scenario.alert} is ${scenario.fires ? 'raised' : 'silent'} with ${what}`, async () => {
      await tryRules(await rules(), scenario);
    });
  }

  test('are about a follower only where there is one', async () => {
    const values = { ...credentials, prometheusRule: { enabled: true } };

    const { groups } = one(await helm.template({ values }), 'PrometheusRule').spec;

    assert.deepEqual(
      groups[0].rules.map(({ alert }: AlertRule) => alert),
      [noSuccess.alert, lastFailed.alert],
    );
  });

  test('come after the minutes that the value says, and say so', async () => {
    const changed = await rules({ noSuccessMinutes: 90 });

    await tryRules(changed, { ...noSuccess, ...silent, series: created, minute: 90 });
    await tryRules(changed, { ...noSuccess, series: created, minute: 91 });
    assert.match(changed[0]?.annotations.summary ?? '', /for 90 minutes/);
  });

  test('carry the labels of the value, and the object its own', async () => {
    const prometheusRule = { enabled: true, labels: { release: 'prometheus' }, alertLabels: { severity: 'page' } };
    const rule = one(await helm.template({ values: { ...credentials, prometheusRule } }), 'PrometheusRule');

    assert.equal(rule.metadata?.labels?.release, 'prometheus');
    for (const { labels } of rule.spec.groups[0].rules) assert.deepEqual(labels, { severity: 'page' });
    for (const { labels } of await rules()) assert.deepEqual(labels, { severity: 'warning' });
  });
});
