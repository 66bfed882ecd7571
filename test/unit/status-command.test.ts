import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterError } from '../../job/src/cluster/cluster-error.ts';
import { createLog } from '../../job/src/log.ts';
import { buildReport } from '../../job/src/report/document/build-report.ts';
import { renderDocument } from '../../job/src/report/formats/render-document.ts';
import { planExitCode } from '../../job/src/report/plan-report.ts';
import { logStatus, type StatusResult } from '../../job/src/report/status-command.ts';
import { testClock } from '../support/test-clock.ts';
import { type EngineTest, engineTest, targetOf } from './engine-support.ts';

async function clusterWithEarlyPod(): Promise<EngineTest> {
  const engine = await engineTest({ targets: [targetOf('default', 'source-a')] });
  engine.putSource('source-a');
  engine.model.putPod({
    namespace: 'team-a',
    name: 'early',
    serviceAccount: 'default',
    imagePullSecrets: [],
    controller: { kind: 'ReplicaSet', name: 'app' },
    terminating: false,
    waiting: [{ reason: 'ImagePullBackOff', image: 'source-a.example.com/app:1' }],
  });
  return engine;
}

const mask = { add: () => {}, apply: (line: string) => line };

async function textOf(status: StatusResult): Promise<string> {
  const found = { command: 'status', time: new Date(0), context: undefined, ...status } as const;
  return renderDocument(buildReport(found, mask), 'text');
}

function eventsOf(status: StatusResult) {
  const lines: string[] = [];
  logStatus(status, createLog({ format: 'json', clock: testClock(), mask, write: (line) => lines.push(line) }));
  return lines.map((line) => JSON.parse(line));
}

test('a pod that came before its reference is shown with the command that lets it be made anew', async () => {
  const engine = await clusterWithEarlyPod();
  await engine.run();

  const status = await engine.status();

  assert.equal(planExitCode(status.plan, { exitCode: true }), 0);
  const text = await textOf(status);
  assert.match(text, /^Target default: \S+ is in line in (\d+) of \1 namespaces, 0 conflicts\.$/m);
  assert.match(text, /^ {2}kubectl delete pod early --namespace team-a$/m);
});

test('it is an event for whoever does not read on a terminal', async () => {
  const engine = await clusterWithEarlyPod();
  await engine.run();

  const events = eventsOf(await engine.status());

  const stuck = events.find(({ message }) => message === 'stuck pod');
  assert.deepEqual([stuck.namespace, stuck.pod], ['team-a', 'early']);
});

test('no pod is to be made anew before its namespace is in line, and that is drift', async () => {
  const engine = await clusterWithEarlyPod();

  const status = await engine.status();

  assert.equal(planExitCode(status.plan, { exitCode: true }), 2);
  assert.doesNotMatch(await textOf(status), /kubectl delete/);
});

test('without the right to see pods it says so, and shows the rest', async () => {
  const engine = await clusterWithEarlyPod();
  await engine.run();
  engine.before = (method) => {
    if (method === 'listPendingPods')
      throw new ClusterError('forbidden', { verb: 'list', resource: 'pods' }, 'says the test');
  };

  const status = await engine.status();

  assert.equal(planExitCode(status.plan, { exitCode: false }), 1);
  assert.match(eventsOf(status)[0].message, /pods/);
  assert.match(await textOf(status), /^Target default: /m);
});

const stop = 'kubectl scale deployment a-patcher --replicas=0';
const edited = ['team-a', 'team-b'].map((namespace) => ({ namespace, writer: 'a-patcher', fix: stop }));
const lastRun = { finished: '1970-01-01T00:00:00.000Z', exitCode: 0, editedCopies: edited, failures: [] };

test('a program that changed copies before the last run is named once, with where and what to do', async () => {
  const engine = await clusterWithEarlyPod();

  const text = await textOf({ ...(await engine.status()), lastRun });

  assert.match(text, /^Copies that a-patcher changed, found by the last run: team-a, team-b\. Fix: kubectl scale .*$/m);
  assert.equal(text.match(/a-patcher changed/g)?.length, 1);
});

test('such a program is an event for whoever does not read on a terminal', async () => {
  const engine = await clusterWithEarlyPod();

  const events = eventsOf({ ...(await engine.status()), lastRun });

  const { level, namespaces, fix } = events.find(({ writer }) => writer === 'a-patcher');
  assert.deepEqual([level, namespaces, fix], ['warn', 'team-a, team-b', stop]);
});
