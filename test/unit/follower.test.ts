import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterError } from '../../job/src/cluster/cluster-error.ts';
import { marks } from '../../job/src/plan/marks.ts';
import { release } from '../simulation/names.ts';
import { followerTest } from './follower-support.ts';

const minute = 60_000;
const hour = 60 * minute;

test('it looks at everything once, and then only where something changes', async () => {
  const { people, names, passes, rests, end } = await followerTest(3);
  await rests();

  await people.deleteSecret(names[1] as string, 'pull');
  await rests();
  await end();

  assert.deepEqual(
    passes.map(({ only }) => only && [...only]),
    [undefined, [names[1]]],
  );
});

test('a look at a namespace that failed is no reason to look at everything', async () => {
  const { people, names, hooks, copies, goOn, rests, end } = await followerTest(2);
  const [first = '', second = ''] = names;
  await rests();
  const looks: Array<'failed' | 'everywhere' | 'here'> = [];
  hooks.onList = () => {
    looks.push('failed');
    throw new ClusterError('unreachable', { verb: 'list', resource: 'secrets' }, 'no answer');
  };
  await people.deleteSecret(first, 'pull');
  await goOn(minute);

  hooks.onList = (everywhere) => looks.push(everywhere ? 'everywhere' : 'here');
  await people.deleteSecret(second, 'pull');
  await rests();
  await end();

  assert.deepEqual(copies(), names);
  assert.deepEqual(new Set(looks), new Set(['failed', 'here']));
});

test('a namespace that comes to be is brought in line with no look at it, since the watches told of all that is in it', async () => {
  const { cluster, people, names, hooks, copies, rests, end } = await followerTest(2);
  await rests();
  let looks = 0;
  hooks.onList = () => {
    looks += 1;
  };

  await people.createNamespace('new');
  await people.patchNamespace('new', { labels: { tier: 'gold' } });
  await people.createServiceAccount('kube-controller-manager', 'new', 'default');
  await rests();
  await end();

  assert.deepEqual(copies(), ['new', ...names]);
  assert.deepEqual((await cluster.listServiceAccounts({ namespace: 'new' }))[0]?.imagePullSecrets, ['pull']);
  assert.equal(looks, 0);
});

test('it looks once more where somebody writes after it, and nowhere else', async () => {
  const { people, names, hooks, passes, contentOf, rests, end } = await followerTest(2);
  await rests();
  const [first = ''] = names;
  const content = contentOf(first);
  hooks.afterCreate = () => people.patchSecret('somebody', first, 'pull', { data: { '.dockerconfigjson': 'e30=' } });

  await people.deleteSecret(first, 'pull');
  await rests();
  await end();

  const looks = passes.slice(1).map(({ only }) => only && [...only]);
  assert.deepEqual(looks, [[first], [first]]);
  assert.equal(contentOf(first), content);
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

test('a configuration that changes while its watch lost its place is followed, although it was read before', async () => {
  const { names, configure, hooks, copies, sleep, rests, restart, end } = await followerTest(2);
  await rests();
  hooks.onWatch = (query) => {
    if (query.resource !== 'configmaps') return;
    hooks.onWatch = () => {};
    throw new ClusterError('expired', { verb: 'watch', ...query }, 'too old');
  };
  hooks.beforeWatch = async ({ resource }) => {
    if (resource !== 'namespaces') return;
    await configure({});
    // Longer than a pause before a watch begins anew.
    await sleep(minute);
  };

  await restart();
  await rests();
  await end();

  assert.deepEqual(copies(), [release.namespace, ...names]);
});

test('what touches the configuration again and again is looked at less and less often', async () => {
  const { cluster, names, copies, hooks, sleep, goOn, end } = await followerTest(2);
  let looks = 0;
  hooks.beforeList = async () => {
    looks += 1;
    await sleep(3000);
  };
  for (let seconds = 0; seconds < 600; seconds += 2) {
    await cluster.annotateConfigMap(release.namespace, release.name, { touched: `${seconds}` });
    await goOn(2000);
  }
  const whileTouched = looks;
  await goOn(2 * minute);
  await end();

  assert.ok(whileTouched < 40, `${whileTouched} looks`);
  assert.deepEqual(copies(), names);
});

test('more copies than may go stay, although each of their namespaces changed by itself', async () => {
  const { people, names, copies, passes, rests, end } = await followerTest(9);
  await rests();

  for (const name of names) await people.patchNamespace(name, { labels: { tier: null } });
  await rests();
  await end();

  assert.deepEqual(copies(), names);
  assert.equal(passes.at(-1)?.result.withheldCopies?.removals, names.length);
});

test('more copies than may go stay, although their namespaces changed one after the other', async () => {
  const { people, names, copies, passes, goOn, rests, end } = await followerTest(12);
  await rests();

  for (const name of names) {
    await people.patchNamespace(name, { labels: { tier: null } });
    await goOn(1000);
  }
  // Longer than what went is remembered, where nothing is withheld.
  await goOn(5 * hour);
  await rests();
  await end();

  assert.deepEqual(copies(), names.slice(6).toSorted());
  assert.equal(passes.at(-1)?.only, undefined);
  assert.deepEqual(passes.at(-1)?.result.withheldCopies, { removals: 6, gone: 6 });
});

test('copies that were kept since many had gone before go once somebody allows it', async () => {
  const { people, names, configure, copies, goOn, rests, end } = await followerTest(12);
  const selector = { matchLabels: { tier: 'gold' } };
  await rests();
  for (const name of names) {
    await people.patchNamespace(name, { labels: { tier: null } });
    await goOn(1000);
  }
  const kept = copies();

  await configure({ selector }, { maxRemovePercent: 100 });
  await rests();
  await end();

  assert.equal(kept.length, 6);
  assert.deepEqual(copies(), []);
});

test('more references than may go stay, although their ServiceAccounts were taken out one after the other', async () => {
  const { cluster, people, names, copies, passes, goOn, rests, end } = await followerTest(12);
  const taken = [...names].sort();
  await rests();

  for (const name of taken) {
    await people.patchServiceAccount('kubectl', name, 'default', { annotations: { [marks.exclude]: 'true' } });
    await goOn(1000);
  }
  await goOn(5 * hour);
  await rests();
  await end();

  const accounts = await cluster.listServiceAccounts({ name: 'default' });
  const named = accounts.filter(({ imagePullSecrets }) => imagePullSecrets.includes('pull'));
  assert.deepEqual(
    named.map(({ namespace }) => namespace),
    taken.slice(6),
  );
  assert.deepEqual(passes.at(-1)?.result.withheldReferences, { removals: 6, gone: 6 });
  assert.deepEqual(copies(), taken);
});

for (const hours of [-5, 5]) {
  test(`a clock that is off by ${hours} hours all at once holds nothing up that was to be tried in a minute`, async () => {
    const { people, names, copies, setClock, goOn, rests, end } = await followerTest(1);
    const [name = ''] = names;
    await rests();
    // Where somebody does the same again and again it acts ever later, and puts it back within a minute in the end.
    while (copies().length > 0) {
      await people.deleteSecret(name, 'pull');
      await goOn(5000);
    }

    setClock(hours * 3_600_000);
    await goOn(75_000);

    assert.deepEqual(copies(), names);
    await end();
  });
}
