import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRemovedLately } from '../../job/src/follow/removed-lately.ts';

const hour = 3_600_000;
const placeIn = (namespace: string) => ({ namespace, secretName: 'pull' });
const [a, b] = [placeIn('team-a'), placeIn('team-b')];

test('what went counts for two hours', () => {
  const removed = createRemovedLately();
  removed.note([a], 0);
  removed.note([b], hour);

  assert.deepEqual(removed.under(50, 2 * hour - 1), [a, b]);
  assert.deepEqual(removed.under(50, 2 * hour), [b]);
});

test('what goes again counts from then on, and once', () => {
  const removed = createRemovedLately();
  removed.note([a], 0);
  removed.note([a], hour);

  assert.deepEqual(removed.under(50, 2 * hour), [a]);
});

test('nothing is forgotten as long as removals are withheld', () => {
  const removed = createRemovedLately();
  removed.note([a], 0);
  removed.looked(true);
  const whileHeld = removed.under(50, 9 * hour);

  removed.looked(false);

  assert.deepEqual(whileHeld, [a]);
  assert.deepEqual(removed.under(50, 9 * hour), []);
});

test('what went under a higher limit was meant, and does not count under the one of before', () => {
  const removed = createRemovedLately();
  removed.under(50, 0);
  removed.note([a], 0);
  const underHigher = removed.under(100, 0);
  removed.note([b], 0);

  assert.deepEqual(underHigher, [a]);
  assert.deepEqual(removed.under(50, 0), []);
});
