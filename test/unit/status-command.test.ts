import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterError } from '../../job/src/cluster/cluster-error.ts';
import { createLog } from '../../job/src/log.ts';
import { type StatusResult, showStatus } from '../../job/src/report/status-command.ts';
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

function show(status: StatusResult, format: 'json' | 'text', exitCode = false) {
  let text = '';
  const lines: string[] = [];
  const clock = testClock();
  const mask = { add: () => {}, apply: (line: string) => line };
  const log = createLog({ format: 'json', clock, mask, write: (line) => lines.push(line) });
  const write = (part: string) => {
    text += part;
  };
  const code = showStatus(status, { format, log, write, exitCode });
  return { code, text, events: lines.map((line) => JSON.parse(line)) };
}

test('a pod that came before its reference is shown with the command that lets it be made anew', async () => {
  const engine = await clusterWithEarlyPod();
  await engine.run();

  const { code, text } = show(await engine.status(), 'text', true);

  assert.equal(code, 0);
  assert.match(text, /^Target default: \S+ is in line in (\d+) of \1 namespaces, 0 conflicts\.$/m);
  assert.match(text, /^ {2}kubectl delete pod early --namespace team-a$/m);
});

test('it is an event for whoever does not read on a terminal', async () => {
  const engine = await clusterWithEarlyPod();
  await engine.run();

  const { events } = show(await engine.status(), 'json');

  const stuck = events.find(({ message }) => message === 'stuck pod');
  assert.deepEqual([stuck.namespace, stuck.pod], ['team-a', 'early']);
});

test('no pod is to be made anew before its namespace is in line, and that is drift', async () => {
  const engine = await clusterWithEarlyPod();

  const status = await engine.status();

  assert.equal(show(status, 'text', true).code, 2);
  assert.doesNotMatch(show(status, 'text').text, /kubectl delete/);
});

test('without the right to see pods it says so, and shows the rest', async () => {
  const engine = await clusterWithEarlyPod();
  await engine.run();
  engine.before = (method) => {
    if (method === 'listPendingPods')
      throw new ClusterError('forbidden', { verb: 'list', resource: 'pods' }, 'says the test');
  };

  const { code, text, events } = show(await engine.status(), 'text');

  assert.equal(code, 1);
  assert.match(events[0].message, /pods/);
  assert.match(text, /^Target default: /m);
});

const stop = 'kubectl scale deployment a-patcher --replicas=0';
const edited = ['team-a', 'team-b'].map((namespace) => ({ namespace, writer: 'a-patcher', fix: stop }));
const lastRun = { finished: '1970-01-01T00:00:00.000Z', exitCode: 0, editedCopies: edited };

test('a program that changed copies before the last run is named once, with where and what to do', async () => {
  const engine = await clusterWithEarlyPod();

  const { text } = show({ ...(await engine.status()), lastRun }, 'text');

  assert.match(text, /^Copies that a-patcher changed, found by the last run: team-a, team-b\. Fix: kubectl scale .*$/m);
  assert.equal(text.match(/a-patcher changed/g)?.length, 1);
});

test('such a program is an event for whoever does not read on a terminal', async () => {
  const engine = await clusterWithEarlyPod();

  const { events } = show({ ...(await engine.status()), lastRun }, 'json');

  const { level, namespaces, fix } = events.find(({ writer }) => writer === 'a-patcher');
  assert.deepEqual([level, namespaces, fix], ['warn', 'team-a, team-b', stop]);
});
