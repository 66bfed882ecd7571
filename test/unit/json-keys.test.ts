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
    assert.deepEqual(keyPaths(text), paths);
  });
}
