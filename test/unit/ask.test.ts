import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { ask } from '../../scripts/ask.ts';

const answers: Array<[because: string, typed: string, yes: boolean]> = [
  ['an empty line', '\n', true],
  ['yes', 'y\n', true],
  ['no', 'n\n', false],
  ['a long no with blanks', ' No \n', false],
  ['the end of the input, as Ctrl-D makes it', '', false],
];

for (const [because, typed, yes] of answers) {
  test(`${because} counts as ${yes ? 'yes' : 'no'}`, async () => {
    const input = new PassThrough();
    input.end(typed);

    assert.equal(await ask('Install it?', { input, output: new PassThrough() }), yes);
  });
}
