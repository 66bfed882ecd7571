import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marks } from '../../job/src/plan/marks.ts';
import { release } from '../simulation/names.ts';
import { followerTest } from './follower-support.ts';

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
