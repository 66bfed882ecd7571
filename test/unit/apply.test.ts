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
/** The actions that were told as done, in order. */
let told: string[];
/** The waits before another look: milliseconds. */
let waits: number[];

beforeEach(async () => {
  model = new Model();
  people = peopleOf(model);
  writes = [];
  told = [];
  waits = [];
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

/** The cluster, where somebody does something right before the first request of a kind is answered. */
function whenFirst(method: 'createSecret' | 'updateSecret' | 'deleteSecret', happen: () => Promise<void>): Cluster {
  const view = cluster();
  let happened = false;
  const met = async (...args: unknown[]) => {
    if (!happened) {
      happened = true;
      await happen();
    }
    return (view[method] as (...args: unknown[]) => Promise<void>)(...args);
  };
  return { ...view, [method]: met };
}

interface RunOptions {
  rest?: object;
  on?: Cluster;
  content?: string;
  progress?: Progress;
  signal?: AbortSignal;
}

/** Plans and applies as a run does. */
async function run(
  names: string[],
  { rest = {}, on = cluster(), content = 'e30=', progress, signal = new AbortController().signal }: RunOptions = {},
) {
  const targets = names.map((name) => ({ name, secretName: name, sources: [{ secret: 'source' }] }));
  const config = parseConfig(JSON.stringify({ release: 'registry-access/pullsecret-sync', targets, ...rest }), 'test');
  const desired = config.targets.map((target) => ({ target, content }));
  const planned = async () =>
    planPlacements({
      rules: config,
      targets: desired,
      snapshot: snapshotOf([await observe(on, observedNames(config))]),
      now: new Date('2026-11-24T12:00:00Z'),
    });
  return apply(await planned(), {
    cluster: on,
    clock: { ...testClock(), sleep: async (milliseconds) => void waits.push(milliseconds) },
    random: () => 0.5,
    rules: config,
    concurrency: 1,
    progress,
    signal,
    planAgain: planned,
    onDone: ({ secretName }, { kind }) => told.push(`${kind} ${secretName}`),
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
  assert.deepEqual(told, ['createCopy one', 'createCopy two', 'addReference one', 'addReference two']);
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

test('where the copy of a target that takes the namespace over fails, the copy of the other one stays in place', async () => {
  await run(['old']);
  const on = cluster({ createSecret: ['new', 'denied'] });
  const targets = [
    { name: 'new', secretName: 'new', sources: [{ secret: 'source' }] },
    { name: 'old', secretName: 'old', sources: [{ secret: 'source' }], namespaces: { exclude: [namespace] } },
  ];

  await run([], { rest: { targets }, on });

  assert.deepEqual(await references(), ['old']);
  assert.ok(model.get({ resource: 'secrets', namespace, name: 'old' }));
  await run([], { rest: { targets } });
  assert.deepEqual(await references(), ['new']);
  assert.equal(model.get({ resource: 'secrets', namespace, name: 'old' }), undefined);
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
  const on = whenFirst('deleteSecret', () =>
    people.patchSecret('kubectl', namespace, 'two', { labels: { team: 'a' } }),
  );

  const rest = {
    targets: [{ name: 'x', secretName: 'x', sources: [{ secret: 'y' }], namespaces: { include: ['x'] } }],
  };
  const outcomes = await run([], { on, rest: { ...rest, previousSecretNames: ['one', 'two'] } });

  assert.deepEqual(outcomes.map(({ secretName, done }) => [secretName, done.map(({ kind }) => kind)]).toSorted(), [
    ['one', ['removeReference', 'deleteCopy']],
    ['two', ['removeReference', 'deleteCopy']],
  ]);
  assert.deepEqual(outcomes.find(({ secretName }) => secretName === 'one')?.actions, []);
});

test('what was done before another look, and is wanted still, is told once', async () => {
  await run(['one', 'two']);
  const on = whenFirst('updateSecret', () =>
    people.patchSecret('kubectl', namespace, 'two', { labels: { team: 'a' } }),
  );

  const outcomes = await run(['one', 'two'], { on, content: 'e30K' });

  assert.deepEqual(
    outcomes.map(({ secretName, done }) => [secretName, done.map(({ kind }) => kind)]),
    [
      ['one', ['updateCopy']],
      ['two', ['updateCopy']],
    ],
  );
});

test('what is wanted only since another look is done too', async () => {
  await run(['one']);
  const on = whenFirst('updateSecret', async () => {
    await people.patchSecret('kubectl', namespace, 'one', { labels: { team: 'a' } });
    await people.patchNamespace(namespace, { labels: { second: 'true' } });
  });
  const targets = [
    { name: 'one', secretName: 'one', sources: [{ secret: 'source' }] },
    {
      name: 'two',
      secretName: 'two',
      sources: [{ secret: 'source' }],
      namespaces: { selector: { matchLabels: { second: 'true' } } },
    },
  ];

  const outcomes = await run([], { on, content: 'e30K', rest: { targets } });

  assert.deepEqual(
    outcomes.map(({ secretName, done }) => [secretName, done.map(({ kind }) => kind)]),
    [
      ['one', ['updateCopy']],
      ['two', ['createCopy', 'addReference']],
    ],
  );
});

test('what had nothing to do, and is wanted no more at another look, is told no more', async () => {
  await people.createSecret('kubectl', { namespace, name: 'kept', type: 'Opaque', data: {} });
  await run(['two']);
  const on = whenFirst('updateSecret', () =>
    people
      .patchNamespace(namespace, { annotations: { 'pullsecret-sync.io/exclude': 'true' } })
      .then(() => people.patchSecret('kubectl', namespace, 'two', { labels: { team: 'a' } })),
  );

  const outcomes = await run(['kept', 'two'], { on, content: 'e30K' });

  assert.deepEqual(
    outcomes.map(({ secretName, done }) => [secretName, done.map(({ kind }) => kind)]),
    [['two', ['removeReference', 'deleteCopy']]],
  );
});

test('a namespace that never comes to rest is looked at five times, after waits that double', async () => {
  const [outcome] = await run(['one'], { on: cluster({ createSecret: ['one', 'conflict'] }) });

  assert.equal(outcome?.failure?.kind, 'conflict');
  assert.equal(writes.length, 5);
  assert.deepEqual(waits, [50, 100, 200, 400]);
});

test('where another look fails, that is why it is not done', async () => {
  const on = cluster({ createSecret: ['one', 'conflict'] });
  let lists = 0;
  const listSecrets: Cluster['listSecrets'] = async (query) => {
    lists += 1;
    if (lists === 1) return on.listSecrets(query);
    throw new ClusterError('denied', { verb: 'list', resource: 'secrets' }, 'says the test');
  };

  const [outcome] = await run(['one'], { on: { ...on, listSecrets } });

  assert.equal(outcome?.failure?.kind, 'denied');
});

test('a run that is told to stop does nothing more, and says so', async () => {
  const [outcome] = await run(['one'], { signal: AbortSignal.abort() });

  assert.deepEqual(writes, []);
  assert.deepEqual(outcome?.done, []);
  assert.equal(outcome?.failure?.kind, 'interrupted');
  assert.match(outcome?.failure?.message ?? '', /the run was told to stop/);
});

test('no more namespaces are worked on at once than the configuration says', async () => {
  await people.createNamespace('team-b');
  const view = cluster();
  let open = 0;
  let most = 0;
  const createSecret: Cluster['createSecret'] = async (secret) => {
    most = Math.max(most, ++open);
    const version = await view.createSecret(secret);
    open -= 1;
    return version;
  };

  await run(['one'], { on: { ...view, createSecret } });

  assert.deepEqual([writes.length, most], [3, 1]);
});

test('who waits is told of each namespace that is done, of those where there is something to do', async () => {
  await run(['kept', 'one']);
  for (const name of ['team-b', 'team-c']) {
    await people.createNamespace(name);
    await people.createServiceAccount('kubectl', name, 'default');
    await people.createSecret('kubectl', { namespace: name, name: 'kept', type: 'Opaque', data: {} });
  }
  const told: number[][] = [];

  await run(['kept', 'one'], { progress: { read() {}, namespacesDone: (done, all) => told.push([done, all]) } });

  assert.deepEqual(told, [
    [1, 2],
    [2, 2],
  ]);
});

test('a namespace that vanishes while it is worked on is left out of the outcome', async () => {
  const outcomes = await run(['one', 'two'], { on: cluster({ createSecret: ['one', 'namespaceGone'] }) });

  assert.deepEqual(outcomes, []);
});

test('a fault of the program itself is no failure of a namespace', async () => {
  const fault = new TypeError('says the test');
  const on: Cluster = { ...cluster(), createSecret: () => Promise.reject(fault) };

  await assert.rejects(run(['one'], { on }), fault);
});

test('a Secret that was adopted is handed back as it was, with nothing of ours on it', async () => {
  const labels = { 'app.kubernetes.io/managed-by': 'kubectl', team: 'a' };
  const secret = { namespace, name: 'one', type: 'kubernetes.io/dockerconfigjson', labels, annotations: { kept: 'x' } };
  await people.createSecret('kubectl', { ...secret, data: { '.dockerconfigjson': 'e30=' } });
  const target = { name: 'one', secretName: 'one', sources: [{ secret: 'source' }], onConflict: 'adopt' };
  await run([], { rest: { targets: [target] } });
  assert.match((await secretNow())?.annotations['pullsecret-sync.io/owner'] ?? '', /team-a$/);

  const view = cluster();
  const losesOwners: boolean[] = [];
  const unmarkSecret: Cluster['unmarkSecret'] = (request) => {
    losesOwners.push(request.owners);
    return view.unmarkSecret(request);
  };

  const [outcome] = await run([], {
    on: { ...view, unmarkSecret },
    rest: { targets: [{ ...target, namespaces: { exclude: [namespace] } }] },
  });

  assert.deepEqual(losesOwners, [false]);
  assert.deepEqual(
    outcome?.done.map(({ kind }) => kind),
    ['removeReference', 'handBackCopy'],
  );
  const after = await secretNow();
  assert.deepEqual([after?.labels, after?.annotations], [labels, { kept: 'x' }]);
});

async function secretNow() {
  const [secret] = await engineView(model, 'the test').listSecrets({ namespace, name: 'one' });
  return secret;
}
