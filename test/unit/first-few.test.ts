import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstProblems, firstWarnings } from '../../job/src/credentials/first-few.ts';

const problems = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ message: `${index}`, fix: 'mend it' }));

test('twenty faults of a source are all named', () => {
  assert.deepEqual(firstProblems(problems(20), 'file /x'), problems(20));
});

test('of more than twenty faults the first are named, and the rest is counted', () => {
  const told = firstProblems(problems(23), 'file /x');

  assert.deepEqual(told.slice(0, -1), problems(20));
  assert.deepEqual(told.at(-1), {
    message: 'file /x has 3 further faults, which are not named',
    fix: 'mend those that are named, and look again',
  });
});

test('of more than twenty warnings the first are shown, and the rest is counted', () => {
  const warnings = Array.from({ length: 21 }, (_, index) => `${index}`);

  assert.deepEqual(firstWarnings(warnings, 'target x'), [
    ...warnings.slice(0, 20),
    'target x gives reason for 1 further warnings, which are not shown',
  ]);
});
