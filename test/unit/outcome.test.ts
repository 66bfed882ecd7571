import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotRunHere } from '../../scripts/cannot-run-here.ts';
import { exitCodeOf, formatOutcomes, type Outcome, outcomeOf } from '../../scripts/outcome.ts';

const passed: Outcome = { layer: 'unit', result: 'passed', seconds: 1 };
const skipped: Outcome = { layer: 'e2e', result: 'skipped', seconds: 0, because: 'it needs root' };
const failed: Outcome = { layer: 'chart', result: 'failed', seconds: 12 };

test('a layer passes or fails with its tests', async () => {
  assert.equal((await outcomeOf('unit', async () => true)).result, 'passed');
  assert.equal((await outcomeOf('unit', async () => false)).result, 'failed');
});

test('a layer is skipped where the machine lacks something, and says what', async () => {
  const { result, because } = await outcomeOf('e2e', () => Promise.reject(new CannotRunHere('there is no Go')));

  assert.deepEqual([result, because], ['skipped', 'there is no Go']);
});

test('a layer whose preparation breaks has failed, and says why', async () => {
  const { result, because } = await outcomeOf('e2e', () => Promise.reject(new Error('building helm failed')));

  assert.deepEqual([result, because], ['failed', 'building helm failed']);
});

const exits: Array<[because: string, outcomes: Outcome[], ci: string | undefined, code: number]> = [
  ['all passed', [passed], 'true', 0],
  ['one failed', [passed, failed], undefined, 1],
  ['one was skipped', [passed, skipped], undefined, 0],
  ['one was skipped in CI', [passed, skipped], 'true', 1],
  ['one was skipped and CI says that it is none', [passed, skipped], 'false', 0],
];

for (const [because, outcomes, CI, code] of exits) {
  test(`the tests exit with ${code} where ${because}`, () => {
    assert.equal(exitCodeOf(outcomes, { CI }), code);
  });
}

test('each layer has a line, with the reason where there is one', () => {
  assert.equal(
    formatOutcomes([failed, skipped]),
    'Layers:\n  chart      failed     12 s\n  e2e        skipped     0 s  it needs root',
  );
});
