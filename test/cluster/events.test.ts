import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { EventsV1Event } from '@kubernetes/client-node';
import { createMask } from '../../job/src/credentials/masking.ts';
import { writeEvents } from '../../job/src/report/write-events.ts';
import { emptyResult, type RunResult } from '../../job/src/run/run-result.ts';
import { testClock } from '../support/test-clock.ts';
import { engineInProcess } from './engine-in-process.ts';
import { registryValues, secretName, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;
const name = `secretkept.registry-access.pullsecret-sync.${secretName}`;
const warnings: string[] = [];

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces('team-a', 'team-b');
  await cluster.install(registryValues());
});
after(() => cluster[Symbol.asyncDispose]());

function eventsIn(namespace: string): Promise<EventsV1Event[]> {
  return cluster.list<EventsV1Event>('events.v1.events.k8s.io', '-n', namespace);
}

/** The end of a run at some time, with a conflict in team-a: whose the Secret there is. */
async function endAt(time: string, owner: string): Promise<void> {
  await using engine = await engineInProcess(cluster.jobKubeconfig);
  const config = await engine.deps.readConfig();
  const conflicts = [{ kind: 'keptSecret', owner, adoptable: true } as const];
  const placement = { namespace: 'team-a', secretName, desired: undefined, actions: [], conflicts };
  const result: RunResult = { ...emptyResult(config), placements: [{ ...placement, done: [], failure: undefined }] };
  const clock = testClock(() => Date.parse(time));
  const warn = (message: string) => void warnings.push(message);
  await writeEvents(result, { ...engine.deps, clock, mask: createMask(), log: { info: warn, warn, error: warn } });
}

test('a run whose namespaces are in line makes no request for Events', async () => {
  const requests = await cluster.requestsOfJob(() => cluster.job(['sync']));

  assert.deepEqual(
    requests.filter(({ resource }) => resource === 'events'),
    [],
  );
});

test('kubectl shows the people of a namespace what is wrong in it, with the rights of the chart', async () => {
  await cluster.kubectl(['delete', 'secret', secretName, '-n', 'team-b']);
  await cluster.kubectl(['create', 'secret', 'generic', secretName, '-n', 'team-b']);

  const { code, events } = await cluster.job(['sync']);

  assert.equal(code, 0);
  const [told] = events.filter(({ level }) => level === 'warn');
  const shown = await cluster.kubectl(['events', '-n', 'team-b', '--types=Warning']);
  assert.match(shown, /Warning\s+SecretKept\s+Namespace\/team-b\s+the Secret belongs to someone else and is kept: /);
  assert.ok(shown.includes(String(told?.fix)));
  const [event] = (await eventsIn('team-b')).filter(({ reason }) => reason === 'SecretKept');
  const { metadata, reportingController, reportingInstance, action, type, regarding } = event ?? {};
  assert.deepEqual(
    { name: metadata?.name, reportingController, reportingInstance, action, type, kind: regarding?.kind },
    {
      name,
      reportingController: 'pullsecret-sync',
      reportingInstance: 'registry-access/pullsecret-sync',
      action: 'WriteCopy',
      type: 'Warning',
      kind: 'Namespace',
    },
  );
});

test('a run a moment later reads the Event and writes none', async () => {
  let code: number | undefined;
  const requests = await cluster.requestsOfJob(async () => {
    code = (await cluster.job(['sync'])).code;
  });

  assert.equal(code, 0);
  const onEvents = requests.filter(({ resource }) => resource === 'events');
  assert.deepEqual(
    onEvents.map(({ verb }) => verb),
    ['get'],
  );
});

test('a state that lasts counts one Event up, and another state replaces it', async () => {
  for (const time of ['00:00', '00:09', '00:10', '00:19', '00:20']) await endAt(`2026-01-01T${time}:00Z`, 'kubectl');

  const [event, ...others] = await eventsIn('team-a');
  assert.deepEqual(others, []);
  assert.equal(event?.series?.count, 3);
  assert.match(String(event?.series?.lastObservedTime), /^2026-01-01T00:20:00/);
  assert.match(String(event?.eventTime), /^2026-01-01T00:00:00/);

  await endAt('2026-01-01T00:30:00Z', 'argocd');

  const [next] = await eventsIn('team-a');
  assert.match(next?.note ?? '', /owner=argocd/);
  assert.equal(next?.series, undefined);
  assert.deepEqual(warnings, []);
});

test('where Events are off the job asks for none, and where only the right is missing the run does not fail', async () => {
  await cluster.install({ ...registryValues(), events: { enabled: false } });
  const requests = await cluster.requestsOfJob(() => cluster.job(['sync']));
  assert.deepEqual(
    requests.filter(({ resource }) => resource === 'events'),
    [],
  );
  const file = await cluster.writeConfig({});

  const { code, events } = await cluster.job(['sync', '--config', file]);

  assert.equal(code, 0);
  const refused = events.filter(({ message }) => /cannot get events/.test(String(message)));
  assert.equal(refused.length, 1);
  assert.equal(refused[0]?.level, 'warn');
  assert.match(
    String(refused[0]?.fix),
    /\{apiGroups: \["events\.k8s\.io"\], resources: \[events\], resourceNames: \[secretkept\.\S+\], verbs: \[get\]\}/,
  );
});
