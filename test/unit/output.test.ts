import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { beforeEach, test } from 'node:test';
import { createOutput } from '../../job/src/output.ts';
import { until } from '../../scripts/until.ts';

let written: string[];
let process: EventEmitter;

beforeEach(() => {
  written = [];
  process = new EventEmitter();
});

function output() {
  const stream = new Writable({
    write(chunk, _, done) {
      written.push(String(chunk));
      done();
    },
  });
  return createOutput(stream, process);
}

test('lines that come in a moment are written all at once, and soon', async (t) => {
  const { write } = output();
  // Its own timer keeps no process alive.
  const alive = setInterval(() => {}, 1000);
  t.after(() => clearInterval(alive));

  write('one\n');
  write('two\n');

  assert.deepEqual(written, []);
  await until('the lines are written', async () => written.length > 0);
  assert.deepEqual(written, ['one\ntwo\n']);
});

test('what is left when the process ends is written then', () => {
  output().write('the last words\n');

  process.emit('exit');

  assert.deepEqual(written, ['the last words\n']);
});

test('very much is not held back', () => {
  const { write } = output();
  const line = `${'x'.repeat(1023)}\n`;

  for (let lines = 0; lines < 64; lines++) write(line);

  assert.deepEqual(
    written.map(({ length }) => length),
    [64 * 1024],
  );
});
