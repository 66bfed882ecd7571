import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../job/src/config/config.ts';
import { createMetrics } from '../../job/src/follow/metrics.ts';
import { formatFamilies } from '../../job/src/follow/metrics-text.ts';
import { emptyResult, type RunResult } from '../../job/src/run/run-result.ts';
import { testClock } from '../support/test-clock.ts';

const config = parseConfig(
  JSON.stringify({ release: 'a/b', targets: [{ name: 'default', secretName: 'pull', sources: [{ secret: 's' }] }] }),
  'the test',
);
const [target] = config.targets as [(typeof config.targets)[number]];
const desired = { target, content: 'e30=' };
const placement = { secretName: 'pull', desired, actions: [], conflicts: [], done: [], failure: undefined };
const loaded = {
  target,
  content: 'e30=',
  confidential: [],
  version: '1',
  sources: [],
  warnings: [],
  problems: [],
  missing: false,
  mayRecover: false,
  logins: new Map(),
};

function metricsAt(start: number) {
  let now = start;
  const metrics = createMetrics(testClock(() => now));
  const pass = (result: Partial<RunResult>, only?: Set<string>, since = now) =>
    metrics.end({
      started: new Date(now),
      since,
      only,
      result: { ...emptyResult(config), targets: [loaded], ...result },
    });
  const value = (series: string) =>
    metrics
      .text()
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.split(' ')[1];
  return {
    metrics,
    pass,
    value,
    wait: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

test('a look at one namespace changes what is told of that namespace alone', () => {
  const { pass, value } = metricsAt(0);
  const conflict = { kind: 'keptSecret', owner: 'somebody', adoptable: true } as const;
  pass({
    placements: [
      { ...placement, namespace: 'one' },
      { ...placement, namespace: 'two', conflicts: [conflict] },
    ],
  });
  const before = value('pullsecret_sync_conflicts{reason="keptSecret"}');

  pass({ placements: [] }, new Set(['two']));

  assert.equal(before, '1');
  assert.equal(value('pullsecret_sync_namespaces{state="wanted"}'), '1');
  assert.equal(value('pullsecret_sync_conflicts{reason="keptSecret"}'), '0');
});

test('a look at everything that left nothing undone is a success, and one at a namespace is none', () => {
  const { pass, value } = metricsAt(5000);

  pass({}, new Set(['one']));
  const before = value('pullsecret_sync_last_success_timestamp_seconds');
  pass({});

  assert.equal(before, '0');
  assert.equal(value('pullsecret_sync_last_success_timestamp_seconds'), '5');
});

test('the time of a source is that of its last change', () => {
  const { pass, value, wait } = metricsAt(1000);
  const series = 'pullsecret_sync_source_since_timestamp_seconds{target="default"}';

  pass({});
  wait(1000);
  pass({});
  const before = value(series);
  pass({ targets: [{ ...loaded, version: '2' }] });

  assert.equal(before, '1');
  assert.equal(value(series), '2');
});

test('latency counts from the first change, in buckets that hold the smaller ones', () => {
  const { pass, value } = metricsAt(10_000);

  pass({}, new Set(['one']), 9_700);

  assert.equal(value('pullsecret_sync_reconcile_seconds_bucket{le="0.25"}'), '0');
  assert.equal(value('pullsecret_sync_reconcile_seconds_bucket{le="0.5"}'), '1');
  assert.equal(value('pullsecret_sync_reconcile_seconds_bucket{le="+Inf"}'), '1');
  assert.equal(value('pullsecret_sync_reconcile_seconds_sum'), '0.3');
});

test('it is ready after a look at everything with sources in order, and no more after a pass that could not begin', () => {
  const { metrics, pass } = metricsAt(0);

  const states = [metrics.isReady()];
  pass({ targets: [{ ...loaded, content: undefined }] });
  states.push(metrics.isReady());
  pass({});
  states.push(metrics.isReady());
  metrics.fail();
  states.push(metrics.isReady());

  assert.deepEqual(states, [false, false, true, false]);
});

test('it is not alive where a pass does not end, and is where it waits, however the pass ended', () => {
  const { metrics, wait } = metricsAt(0);

  metrics.begin();
  wait(899_000);
  assert.equal(metrics.isAlive(), true);
  wait(2000);
  assert.equal(metrics.isAlive(), false);

  metrics.rest();
  assert.equal(metrics.isAlive(), true);
});

test('a label may hold any character', () => {
  const samples = [{ labels: { name: 'a"b\\c\nd' }, value: 1 }];

  const text = formatFamilies([{ name: 'x', type: 'gauge', help: 'X.', samples }]);

  assert.equal(text, '# HELP x X.\n# TYPE x gauge\nx{name="a\\"b\\\\c\\nd"} 1\n');
});
