import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMask, maskStrings } from '../../job/src/credentials/masking.ts';
import { createLog } from '../../job/src/log.ts';
import { testClock } from '../support/test-clock.ts';

const password = 's3cr3t,p@ss"w\\ord';

test('a hidden value appears in no form that output may have', () => {
  const mask = createMask();
  mask.add(password);

  for (const form of [
    password,
    Buffer.from(password).toString('base64'),
    Buffer.from(password).toString('base64').replace(/=+$/, ''),
    encodeURIComponent(password),
    JSON.stringify(password),
  ]) {
    assert.match(mask.apply(`before ${form} after`), /^before "?\*\*\*=*"? after$/);
  }
});

test('a hidden value does not appear in base64 without the padding, however long that is', () => {
  for (const value of ['s3cr3t!', 's3cr3t!!']) {
    const mask = createMask();
    mask.add(value);

    assert.equal(mask.apply(`said: ${Buffer.from(value).toString('base64url')}.`), 'said: ***.');
  }
});

test('of a hidden value that another one begins with, nothing is left', () => {
  const mask = createMask();
  mask.add('s3cr3t');
  mask.add('s3cr3t-and-more');

  assert.equal(mask.apply('said: s3cr3t-and-more.'), 'said: ***.');
});

test('data is masked in its strings, and stays what it is otherwise', () => {
  const mask = createMask();
  mask.add(password);

  const masked = maskStrings({ text: `a ${password}`, list: [password, null, 3, true], none: undefined }, mask);

  assert.deepEqual(masked, { text: 'a ***', list: ['***', null, 3, true], none: undefined });
});

test('a hidden value does not appear as Go escapes it in JSON', () => {
  const mask = createMask();
  mask.add('a<b>&"c\u2028');

  assert.equal(mask.apply('said: a\\u003cb\\u003e\\u0026\\"c\\u2028.'), 'said: ***.');
});

test('a hidden value with half of a character in it does not appear either', () => {
  const mask = createMask();
  mask.add('s3cr3t\ud83d');

  assert.equal(mask.apply(Buffer.from('said: s3cr3t\ud83d.').toString()), 'said: ***.');
});

test('a value that is short enough to be a word is not masked, so that messages stay readable', () => {
  const mask = createMask();
  mask.add('true');

  assert.equal(mask.apply('it is true'), 'it is true');
});

test('what an admission webhook quotes of a Secret is masked in both formats of the log', () => {
  for (const format of ['json', 'text'] as const) {
    const lines: string[] = [];
    const mask = createMask();
    mask.add(password);
    const clock = testClock();

    createLog({ format, clock, mask, write: (line) => lines.push(line) }).error(`webhook says: ${password}`, {
      fix: password,
    });

    assert.doesNotMatch(lines.join(''), /s3cr3t|w\\/);
  }
});

test('a password that is a word of the log breaks neither its lines nor its keys', () => {
  for (const word of ['namespace', 'message', '"level"', ',"copies":3']) {
    const lines: string[] = [];
    const mask = createMask();
    mask.add(word);
    const clock = testClock();
    const log = createLog({ format: 'json', clock, mask, write: (line) => lines.push(line) });

    log.error('no namespace', { namespace: 'the namespace', list: ['a namespace'], copies: 3 });

    const keys = ['time', 'level', 'message', 'namespace', 'list', 'copies'];
    assert.deepEqual(Object.keys(JSON.parse(lines.join(''))), keys);
  }
});
