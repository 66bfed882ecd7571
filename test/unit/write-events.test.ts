import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '../../job/src/cluster/cluster.ts';
import { ClusterError, type ClusterErrorKind } from '../../job/src/cluster/cluster-error.ts';
import { parseConfig } from '../../job/src/config/config.ts';
import { createMask } from '../../job/src/credentials/masking.ts';
import { writeEvents } from '../../job/src/report/write-events.ts';
import { emptyResult, type RunResult } from '../../job/src/run/run-result.ts';
import { engineView } from '../simulation/cluster-model.ts';
import { Model } from '../simulation/model.ts';
import { testClock } from '../support/test-clock.ts';

const minute = 60_000;

function resultOf(namespaces: string[], { owner = 'kubectl', enabled = true } = {}): RunResult {
  const targets = [{ name: 'default', secretName: 'pull', sources: [{ secret: 'y' }] }];
  const config = parseConfig(JSON.stringify({ release: 'infra/creds', targets, events: { enabled } }), 'test');
  const placements = namespaces.map((namespace) => ({
    namespace,
    secretName: 'pull',
    desired: undefined,
    actions: [],
    conflicts: [{ kind: 'keptSecret', owner, adoptable: true } as const],
    done: [],
    failure: undefined,
  }));
  return { ...emptyResult(config), placements };
}

/** A cluster in memory, and runs that end in it. */
function eventsTest(...namespaces: string[]) {
  const model = new Model();
  for (const name of namespaces) model.putNamespace({ name, labels: {}, annotations: {}, terminating: false });
  const requests: string[] = [];
  const warnings: string[] = [];
  let now = Date.parse('2026-01-01T00:00:00Z');
  let refuse: ClusterErrorKind | undefined;
  let random = 0;
  const cluster = new Proxy(engineView(model, 'run'), {
    get:
      (object, method: keyof Cluster) =>
      async (...args: unknown[]) => {
        requests.push(method);
        if (refuse) throw new ClusterError(refuse, { verb: 'get', resource: 'events' }, 'says the test');
        return (object[method] as (...args: unknown[]) => Promise<unknown>)(...args);
      },
  });
  const stop = new AbortController();
  const say = (message: string) => void warnings.push(message);
  return {
    model,
    requests,
    warnings,
    stop,
    refuseWith: (kind: ClusterErrorKind) => {
      refuse = kind;
    },
    wait: (milliseconds: number) => {
      now += milliseconds;
    },
    chance: (value: number) => {
      random = value;
    },
    end: (result: RunResult) =>
      writeEvents(result, {
        cluster,
        clock: testClock(() => now),
        random: () => random,
        log: { info: say, warn: say, error: say },
        mask: createMask(),
        signal: stop.signal,
      }),
    counts: () => [...model.events.values()].map(({ count }) => count),
  };
}

test('a run whose namespaces are in line asks nothing', async () => {
  const { end, requests } = eventsTest('team-a');

  await end(resultOf([]));

  assert.deepEqual(requests, []);
});

test('where Events are off, or the run was told to stop, nothing is asked', async () => {
  const { end, requests, stop } = eventsTest('team-a');

  await end(resultOf(['team-a'], { enabled: false }));
  stop.abort();
  await end(resultOf(['team-a']));

  assert.deepEqual(requests, []);
});

test('a state that lasts is one Event, counted up each ten minutes', async () => {
  const { end, wait, counts, requests } = eventsTest('team-a');

  for (let run = 0; run <= 20; run++) {
    await end(resultOf(['team-a']));
    wait(minute);
  }

  assert.deepEqual(counts(), [3]);
  assert.equal(requests.filter((request) => request !== 'readEvent').length, 3);
});

test('what is wrong in another way by now is another Event, after the same rest', async () => {
  const { end, wait, model } = eventsTest('team-a');
  await end(resultOf(['team-a']));
  const notes = () => [...model.events.values()].map(({ note, count }) => `${count} ${/owner=\w+/.exec(note)}`);

  wait(minute);
  await end(resultOf(['team-a'], { owner: 'argocd' }));
  assert.deepEqual(notes(), ['1 owner=kubectl']);

  wait(10 * minute);
  await end(resultOf(['team-a'], { owner: 'argocd' }));
  assert.deepEqual(notes(), ['1 owner=argocd']);
});

test('of very many one run looks at twenty, and runs begin at different ones', async () => {
  const names = Array.from({ length: 50 }, (_, index) => `team-${index}`);
  const { end, chance, model, requests } = eventsTest(...names);

  await end(resultOf(names));
  assert.equal(model.events.size, 20);
  assert.equal(requests.length, 40);

  chance(0.9);
  await end(resultOf(names));
  assert.ok(model.events.has('team-45/secretkept.infra.creds.pull'));
});

test('a missing right is one warning, whatever else there is', async () => {
  const { end, refuseWith, requests, warnings } = eventsTest('team-a', 'team-b');
  refuseWith('forbidden');

  await end(resultOf(['team-a', 'team-b']));

  assert.deepEqual(requests, ['readEvent']);
  assert.equal(warnings.length, 1);
});

test('what another run or the end of a namespace is in the way of is left out without a word', async () => {
  const { end, refuseWith, requests, warnings } = eventsTest('team-a', 'team-b');
  refuseWith('conflict');

  await end(resultOf(['team-a', 'team-b']));

  assert.equal(requests.length, 2);
  assert.deepEqual(warnings, []);
});
