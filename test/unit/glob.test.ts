import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coversGlob, isExactName, matchesAny } from '../../job/src/config/glob.ts';

const cases: Array<[glob: string, name: string, fits: boolean]> = [
  ['*', 'default', true],
  ['team-*', 'team-a', true],
  ['team-*', 'team-', true],
  ['team-*', 'my-team-a', false],
  ['*-dev', 'shop-dev', true],
  ['*-dev', 'shop-dev-2', false],
  ['a*b*c', 'a-x-b-y-c', true],
  ['team-?', 'team-a', true],
  ['team-?', 'team-', false],
  ['team-?', 'team-ab', false],
  ['a.b', 'a.b', true],
  ['a.b', 'axb', false],
  ['[ab]', 'a', false],
  ['default', 'default', true],
  ['default', 'default-2', false],
  ['a*b', 'a\nb', true],
];

for (const [glob, name, fits] of cases) {
  test(`glob ${glob} ${fits ? 'fits' : 'does not fit'} ${name}`, () => {
    assert.equal(matchesAny([glob])(name), fits);
  });
}

test('no glob fits nothing', () => {
  assert.equal(matchesAny([])('default'), false);
});

test('one fitting glob of several is enough', () => {
  assert.equal(matchesAny(['a', 'b*'])('bc'), true);
});

test('a name with * or ? is no exact name', () => {
  assert.deepEqual(['default', 'a.b-c', 'team-*', 'a?'].map(isExactName), [true, true, false, false]);
});

const covering: Array<[globs: string[], glob: string, covers: boolean]> = [
  [['app-*'], 'app-1', true],
  [['app-?'], 'app-1', true],
  [['app-1'], 'app-1', true],
  [['app-1'], 'app-2', false],
  [['*'], 'app-*', true],
  [['app-*'], 'app-?', true],
  [['app-*'], 'app-*', true],
  [['app-*'], '*', false],
  [['app-?'], 'app-*', false],
  [['a-1', 'a-*-c'], 'a-b*-c', true],
  [[], 'app-1', false],
];

for (const [globs, glob, covers] of covering) {
  test(`${globs.join(' and ') || 'no glob'} ${covers ? 'covers' : 'does not cover'} ${glob}`, () => {
    assert.equal(coversGlob(globs)(glob), covers);
  });
}
