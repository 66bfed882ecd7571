import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyPaths } from '../../job/src/credentials/json-keys.ts';

const cases: Array<[because: string, text: string, paths: string[][]]> = [
  ['an empty object has none', '{}', []],
  ['equal keys are all there', '{"a": 1, "a": 2}', [['a'], ['a']]],
  ['a key knows the objects around it', '{"a": {"b": {}, "c": 1}, "d": 1}', [['a'], ['a', 'b'], ['a', 'c'], ['d']]],
  ['a value is no key, whatever is in it', '{"a": "\\"b\\": {}, \\\\", "c": "}"}', [['a'], ['c']]],
  [
    'an object in a list stands under the key of the list',
    '{"a": [{"b": 1}, {"b": 2}]}',
    [['a'], ['a', 'b'], ['a', 'b']],
  ],
  ['an escaped key is the one that it spells', '{"\\u0061" : 1}', [['a']]],
];

for (const [because, text, paths] of cases) {
  test(`the keys of a JSON text: ${because}`, () => {
    assert.deepEqual(keyPaths(text, 9), paths);
  });
}

test('keys below the levels that are asked for are left out', () => {
  assert.deepEqual(keyPaths('{"a": {"b": {"c": 1}, "d": 1}}', 2), [['a'], ['a', 'b'], ['a', 'd']]);
});

test('the size of a text is no obstacle, whatever it is made of', () => {
  const half = 1 << 19;
  for (const [inside, count] of [
    [`${'{"a":'.repeat(half / 4)}1${'}'.repeat(half / 4)}`, 2],
    [`${'['.repeat(half)}${']'.repeat(half)}`, 1],
    [JSON.stringify('\n'.repeat(half)), 1],
    [JSON.stringify('\\'.repeat(half)), 1],
    [`"a"${' '.repeat(half)}`, 1],
    [`{${Array.from({ length: half / 16 }, (_, index) => `"${index}":{}`)}}`, 1 + half / 16],
  ] as const) {
    assert.equal(keyPaths(`{"x":${inside}}`, 2).length, count);
  }
});
