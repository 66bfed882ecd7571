import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Cluster } from '../../job/src/cluster/cluster.ts';
import { ClusterError, type ClusterErrorKind } from '../../job/src/cluster/cluster-error.ts';
import { parseConfig } from '../../job/src/config/config.ts';
import { observe, observedNames, snapshotOf } from '../../job/src/plan/observe.ts';
import { planPlacements } from '../../job/src/plan/plan.ts';
import type { Progress } from '../../job/src/progress.ts';
import { apply } from '../../job/src/run/apply.ts';
import { engineView } from '../simulation/cluster-model.ts';
import { Model } from '../simulation/model.ts';
import { type People, peopleOf } from '../simulation/people.ts';
import { testClock } from '../support/test-clock.ts';

const namespace = 'team-a';

let model: Model;
let people: People;
/** The writes that were asked for, in order. */
let writes: string[];

beforeEach(async () => {
  model = new Model();
  people = peopleOf(model);
  writes = [];
  await people.createNamespace(namespace);
  await people.createServiceAccount('kubectl', namespace, 'default');
});

/** The cluster, where writes are noted, and the ones in question fail. */
function cluster(fails: Partial<Record<keyof Cluster, [name: string, kind: ClusterErrorKind]>> = {}): Cluster {
  const view = engineView(model, 'the run');
  const noted = (['createSecret', 'updateSecret', 'deleteSecret', 'patchServiceAccount'] as const).map((method) => [
    method,
    async (object: { name: string }, ...rest: never[]) => {
      writes.push(`${method} ${object.name}`);
      const fault = fails[method];
      if (fault?.[0] === object.name) {
        throw new ClusterError(fault[1], { verb: 'patch', resource: 'secrets', namespace }, 'says the test');
      }
      return (view[method] as (...args: unknown[]) => Promise<void>)(object, ...rest);
    },
  ]);
  return { ...view, ...Object.fromEntries(noted) };
}

/** Plans and applies as a run does. */
async function run(
  names: string[],
  { rest = {}, on = cluster(), progress }: { rest?: object; on?: Cluster; progress?: Progress } = {},
) {
  const targets = names.map((name) => ({ name, secretName: name, sources: [{ secret: 'source' }] }));
  const config = parseConfig(JSON.stringify({ release: 'registry-access/pullsecret-sync', targets, ...rest }), 'test');
  const desired = config.targets.map((target) => ({ target, content: 'e30=' }));
  const planned = async () =>
    planPlacements({
      rules: config,
      targets: desired,
      snapshot: snapshotOf([await observe(on, observedNames(config))]),
      now: new Date('2026-11-24T12:00:00Z'),
    });
  return apply(await planned(), {
    cluster: on,
    clock: testClock(),
    random: () => 0,
    rules: config,
    concurrency: 1,
    progress,
    signal: new AbortController().signal,
    planAgain: planned,
    onDone: () => {},
  });
}

async function references(): Promise<string[]> {
  const [serviceAccount] = await engineView(model, 'the test').listServiceAccounts({ namespace });
  return serviceAccount?.imagePullSecrets ?? [];
}

test('several names of a namespace are one patch of a ServiceAccount, after all copies', async () => {
  const outcomes = await run(['one', 'two']);

  assert.deepEqual(writes, ['createSecret one', 'createSecret two', 'patchServiceAccount default']);
  assert.deepEqual(await references(), ['one', 'two']);
  assert.deepEqual(
    outcomes.map(({ done, failure }) => [done.map(({ kind }) => kind), failure]),
    [
      [['createCopy', 'addReference'], undefined],
      [['createCopy', 'addReference'], undefined],
    ],
  );
});

test('a rename is one patch of a ServiceAccount, between the new copy and the end of the old one', async () => {
  await run(['old']);
  writes = [];

  await run(['new'], { rest: { previousSecretNames: ['old'], retireAfter: '0s' } });

  assert.deepEqual(writes, ['createSecret new', 'patchServiceAccount default', 'deleteSecret old']);
  assert.deepEqual(await references(), ['new']);
});

test('a copy that cannot be written gets no reference, and the other name is not held up', async () => {
  const outcomes = await run(['one', 'two'], { on: cluster({ createSecret: ['one', 'quota'] }) });

  assert.deepEqual(await references(), ['two']);
  assert.deepEqual(
    outcomes.map(({ failure }) => failure?.kind),
    ['quota', undefined],
  );
});

test('where the copy of the new name fails, the old name stays in place', async () => {
  await run(['old']);

  const rest = { previousSecretNames: ['old'], retireAfter: '0s' };
  const outcomes = await run(['new'], { rest, on: cluster({ createSecret: ['new', 'denied'] }) });

  assert.deepEqual(await references(), ['old']);
  assert.ok(model.get({ resource: 'secrets', namespace, name: 'old' }));
  assert.deepEqual(
    outcomes.map(({ secretName, failure }) => [secretName, failure?.kind]),
    [
      ['new', 'denied'],
      ['old', undefined],
    ],
  );
});

test('what fails for good is not tried again when another name is', async () => {
  const on = cluster({ createSecret: ['one', 'quota'], patchServiceAccount: ['default', 'conflict'] });

  const outcomes = await run(['one', 'two'], { on });

  assert.equal(writes.filter((write) => write === 'createSecret one').length, 1);
  assert.deepEqual(
    outcomes.map(({ failure }) => failure?.kind),
    ['quota', 'conflict'],
  );
});

test('what was done before another look is told all the same', async () => {
  await run(['one', 'two']);
  const view = cluster();
  let met = false;
  const on: Cluster = {
    ...view,
    async deleteSecret(secret) {
      if (secret.name === 'two' && !met) {
        met = true;
        await people.patchSecret('kubectl', namespace, 'two', { labels: { team: 'a' } });
      }
      return view.deleteSecret(secret);
    },
  };

  const rest = {
    targets: [{ name: 'x', secretName: 'x', sources: [{ secret: 'y' }], namespaces: { include: ['x'] } }],
  };
  const outcomes = await run([], { on, rest: { ...rest, previousSecretNames: ['one', 'two'] } });

  assert.deepEqual(outcomes.map(({ secretName, done }) => [secretName, done.map(({ kind }) => kind)]).toSorted(), [
    ['one', ['removeReference', 'deleteCopy']],
    ['two', ['removeReference', 'deleteCopy']],
  ]);
});

test('who waits is told of each namespace that is done, of those where there is something to do', async () => {
  await run(['one']);
  for (const name of ['team-b', 'team-c']) {
    await people.createNamespace(name);
    await people.createServiceAccount('kubectl', name, 'default');
  }
  const told: number[][] = [];

  await run(['one'], { progress: { read() {}, namespacesDone: (done, all) => told.push([done, all]) } });

  assert.deepEqual(told, [
    [1, 2],
    [2, 2],
  ]);
});
