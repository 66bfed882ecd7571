import assert from 'node:assert/strict';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tool } from '../../scripts/tools.ts';
import { run } from './support.ts';

export interface AlertRule {
  alert: string;
  expr: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** What kube-state-metrics says over time, and which alert is expected when. Time begins at 0. */
export interface Scenario {
  /** Values by series, in promtool's notation, one a minute. */
  series: Record<string, string>;
  alert: string;
  minute: number;
  /** The labels that the alert takes from its series; `undefined` where it must be silent. */
  fires: Record<string, string> | undefined;
}

/** Lets Prometheus' own tool parse rules. */
export async function checkRules(groups: object[]): Promise<void> {
  await promtool('check', { 'rules.yaml': { groups } }, 'rules.yaml');
}

/** Lets Prometheus' own tool say whether the rules fire. */
export async function tryRules(rules: AlertRule[], { series, alert, minute, fires }: Scenario): Promise<void> {
  const rule = rules.find((each) => each.alert === alert);
  assert.ok(rule);
  const expected = fires && { exp_labels: { ...rule.labels, ...fires }, exp_annotations: rule.annotations };
  const test = {
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [{ eval_time: `${minute}m`, alertname: alert, exp_alerts: expected ? [expected] : [] }],
  };
  const groups = [{ name: 'rules', rules }];
  const tests = { rule_files: ['rules.yaml'], evaluation_interval: '1m', tests: [test] };
  await promtool('test', { 'rules.yaml': { groups }, 'tests.yaml': tests }, 'tests.yaml');
}

async function promtool(command: 'check' | 'test', files: Record<string, object>, file: string): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'promtool-'));
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder.path, name), JSON.stringify(content));
  const { status, stdout, stderr } = await run(await tool('promtool'), [command, 'rules', join(folder.path, file)]);
  assert.equal(status, 0, stdout + stderr);
}
