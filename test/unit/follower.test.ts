import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '../../job/src/cluster/cluster.ts';
import { type FollowerPass, follow } from '../../job/src/follow/follower.ts';
import { marks } from '../../job/src/plan/marks.ts';
import { engineView } from '../simulation/cluster-model.ts';
import { readConfig } from '../simulation/configuration.ts';
import { Model } from '../simulation/model.ts';
import { release } from '../simulation/names.ts';
import { peopleOf } from '../simulation/people.ts';
import { createRandom } from '../simulation/random.ts';
import { Scheduler } from '../simulation/scheduler.ts';
import { goodSource, putSource } from '../simulation/sources.ts';

const gold = { labels: { tier: 'gold' } };

/** A follower in a cluster in memory, with as many teams as it is told, which all have the label that is selected. */
async function followerTest(teams: number) {
  const model = new Model();
  const people = peopleOf(model);
  const scheduler = new Scheduler(createRandom(1));
  const stop = new AbortController();
  const names = Array.from({ length: teams }, (_, index) => `team-${index}`);
  for (const name of [release.namespace, ...names]) {
    await people.createNamespace(name);
    await people.createServiceAccount('kube-controller-manager', name, 'default');
  }
  for (const name of names) await people.patchNamespace(name, gold);
  const namespaces = { selector: { matchLabels: gold.labels } };
  const targets = [{ name: 'default', secretName: 'pull', sources: [{ secret: 'source' }], namespaces }];
  const config = { release: `${release.namespace}/${release.name}`, targets, concurrency: 1 };
  await people.putConfigMap('helm', release.namespace, release.name, { 'config.yaml': JSON.stringify(config) });
  putSource(model, 'source', goodSource('source', 0));

  const passes: FollowerPass[] = [];
  const hooks: { afterCreate(): unknown } = { afterCreate: () => {} };
  const view = engineView(model, 'the follower');
  const cluster: Cluster = {
    ...view,
    async createSecret(secret) {
      await view.createSecret(secret);
      await hooks.afterCreate();
    },
  };
  const silent = () => {};
  const ended = follow({
    cluster,
    registries: { tryLogin: async () => ({ kind: 'accepted' }) },
    clock: scheduler.clock,
    random: () => 0.5,
    readConfig: () => readConfig(cluster),
    readFile: async () => undefined,
    log: { info: silent, warn: silent, error: silent },
    mask: { add: silent, apply: (text) => text },
    signal: stop.signal,
    configuration: { configMap: `${release.namespace}/${release.name}` },
    onBegin: silent,
    onIdle: silent,
    onPass: async (pass) => void passes.push(pass),
    onFailure: async () => {},
  });
  return {
    cluster,
    people,
    names,
    hooks,
    passes,
    copies: () => model.list('secrets', { name: 'pull' }).map(({ namespace }) => namespace),
    /** Resolves when it has nothing to do for a minute. */
    rests: () => scheduler.run(() => scheduler.isQuiet(60_000), silent),
    async end() {
      stop.abort();
      await ended;
    },
  };
}

test('it looks at everything once, and then only where something changes', async () => {
  const { people, names, passes, rests, end } = await followerTest(3);
  await rests();

  await people.deleteSecret(names[1] as string, 'pull');
  await rests();
  await end();

  const [first, ...others] = passes.map(({ only }) => only && [...only]);
  assert.equal(first, undefined);
  assert.ok(others.length > 0);
  // What it wrote itself is looked at once more, and found in line.
  assert.deepEqual([...new Set(others.slice(-2).flat())], [names[1]]);
  assert.deepEqual(
    passes.at(-1)?.result.placements.flatMap(({ done }) => done),
    [],
  );
});

test('a mark of a cleanup stops it in the middle of its work, and it goes on when the mark goes', async () => {
  const { cluster, names, hooks, copies, rests, end } = await followerTest(9);
  const mark = (until: string | null) =>
    cluster.annotateConfigMap(release.namespace, release.name, { [marks.standStillUntil]: until });
  hooks.afterCreate = () => {
    hooks.afterCreate = () => {};
    return mark('2100-01-01T00:00:00Z');
  };
  await rests();
  const before = copies();

  await mark(null);
  await rests();
  await end();

  assert.equal(before.length, 1);
  assert.deepEqual(copies(), names);
});

test('more copies than may go stay, although each of their namespaces changed by itself', async () => {
  const { people, names, copies, passes, rests, end } = await followerTest(9);
  await rests();

  for (const name of names) await people.patchNamespace(name, { labels: { tier: null } });
  await rests();
  await end();

  assert.deepEqual(copies(), names);
  assert.equal(passes.at(-1)?.result.withheldRemovals, names.length);
});
