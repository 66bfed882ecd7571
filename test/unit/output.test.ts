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

test('a stream that takes nothing ends nothing, and is told of in the end', async () => {
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(full) });
  const { write, end } = createOutput(stream, process);

  write('lost\n');
  const first = await end();
  write('lost too\n');

  assert.equal(first, 'ENOSPC');
  assert.equal(await end(), 'ENOSPC');
});

test('nothing is told of where all was written', async () => {
  const { write, end } = output();

  write('one\n');

  assert.equal(await end(), undefined);
  assert.deepEqual(written.join(''), 'one\n');
});

test('a footer stays below what is written, by whichever output of the terminal, until it ends', async () => {
  const footer = { line: '' };
  const sink = () =>
    new Writable({
      write(chunk, _, done) {
        written.push(String(chunk));
        done();
      },
    });
  const [one, other] = [createOutput(sink(), process, footer), createOutput(sink(), process, footer)];

  one.write('before\n');
  one.setFooter('1 of 2');
  one.setFooter('1 of 2');
  other.write('meanwhile\n');
  await other.end();
  one.setFooter('');

  assert.deepEqual(written, ['before\n1 of 2', '\r\x1b[Kmeanwhile\n1 of 2', '', '\r\x1b[K']);
});
