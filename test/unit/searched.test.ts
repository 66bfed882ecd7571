import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSearched, sumOf } from '../../scripts/searched.ts';

test('what test files searched is added up, and said in one line', () => {
  const one = { passwords: 2, outputs: 700, objects: 1200, bytes: 2_400_000 };
  const other = { passwords: 1, outputs: 400, objects: 0, bytes: 1_000_000 };

  assert.equal(
    formatSearched(sumOf([one, other])),
    'Searched for 3 passwords: 1,100 outputs and 1,200 states of objects, 3 MB.',
  );
});
