import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Searcher } from '../../support/leaks/search.ts';

const core = 'Vq7zKx2mWd9tRb4nYc8h';
const password = `name-${core},p@ss"w\\ord`;
const auth = Buffer.from(`robot:${password}`).toString('base64');
const config = JSON.stringify({ auths: { 'registry.example.com': { auth } } });
const bytes = Buffer.from(password);

const found: Array<[what: string, form: string, text: string]> = [
  ['as it is', 'plain', password],
  ['eight characters of it', 'plain', core.slice(5, 13)],
  ['its first eight characters', 'plain', `begins with ${core.slice(0, 8)}…`],
  ['its last eight characters', 'plain', `…${core.slice(-8)}`],
  ['in JSON', 'plain', JSON.stringify({ password })],
  ['in JSON in JSON in JSON', 'plain', JSON.stringify(JSON.stringify({ text: JSON.stringify({ password }) }))],
  ['in a URL', 'plain', `https://robot:${encodeURIComponent(password)}@registry.example.com/v2/`],
  [
    'with all of it encoded as in a URL',
    'URL encoding of each character',
    everyByte((code) => `%${hex(code)}`.toUpperCase()),
  ],
  ['the same in lower case', 'URL encoding of each character in lower case', everyByte((code) => `%${hex(code)}`)],
  ['in base64', 'base64', bytes.toString('base64')],
  ['in base64 without padding, for URLs', 'base64', bytes.toString('base64url')],
  ['in base64 with the user', 'base64', auth],
  ['in base64 with one byte before it', 'base64', Buffer.from(`x${password}`).toString('base64')],
  ['in base64 with two bytes before it', 'base64', Buffer.from(`xx${password}`).toString('base64')],
  [
    'in base64 with line breaks',
    'base64',
    Buffer.from('x'.repeat(43) + password)
      .toString('base64')
      .replace(/.{76}/g, '$&\n'),
  ],
  ['eight characters of it in base64', 'base64', Buffer.from(`user:${core.slice(3, 11)}`).toString('base64')],
  ['in a docker config', 'base64', config],
  ['in the data of a Secret', 'base64 of base64', Buffer.from(config).toString('base64')],
  ['in the data of a Secret, one byte later', 'base64 of base64', Buffer.from(` ${config}`).toString('base64')],
  ['in the data of a Secret, two bytes later', 'base64 of base64', Buffer.from(`  ${config}`).toString('base64')],
  ['in hexadecimal', 'hexadecimal', bytes.toString('hex')],
  ['in upper case hexadecimal', 'upper case hexadecimal', bytes.toString('hex').toUpperCase()],
  ['as Node shows bytes', 'hexadecimal with blanks', inspect(bytes)],
  ['as Node writes bytes in JSON', 'numbers with commas', JSON.stringify(bytes)],
  ['as Go shows bytes', 'numbers with blanks', `[${[...bytes].join(' ')}]`],
  ['as escapes of bytes', 'escapes of bytes', everyByte((code) => `\\x${hex(code)}`)],
  ['as escapes of JSON', 'escapes of JSON', everyByte((code) => `\\u00${hex(code)}`)],
  ['as references of HTML', 'references of HTML', everyByte((code) => `&#${code};`)],
];

for (const [what, form, text] of found) {
  test(`a password is found ${what}, wherever it stands`, () => {
    const searcher = searcherFor(password);

    for (let before = 0; before < 12; before++) {
      const traces = searcher.tracesIn(`${'.'.repeat(before)}${text}\n`);
      assert.deepEqual(traces, [{ secret: 'the password', form }]);
    }
  });
}

test('seven characters of a password are none of its traces', () => {
  assert.deepEqual(searcherFor(password).tracesIn(`${core.slice(0, 7)} ${core.slice(7, 14)} ${core.slice(13)}`), []);
});

const odd = 'tab\there "é" \\ 100 %';
const oddBytes = Buffer.from(odd);
const asBytes = (text: string) => Buffer.from(text).toString('latin1');

const foundWhole: Array<[what: string, form: string, text: string]> = [
  ['as it is', 'plain', asBytes(odd)],
  ['in JSON', 'escapes of JSON where it needs them', asBytes(JSON.stringify({ password: odd }))],
  ['in a URL', 'URL encoding', `https://robot:${encodeURIComponent(odd)}@registry.example.com/v2/`],
  ['in base64', 'base64', Buffer.from(`robot:${odd}`).toString('base64')],
  [
    'in the data of a Secret',
    'base64 of base64',
    Buffer.from(`{"auth":"${Buffer.from(`robot:${odd}`).toString('base64')}"}`).toString('base64'),
  ],
  ['in hexadecimal', 'hexadecimal', oddBytes.toString('hex')],
];

for (const [what, form, text] of foundWhole) {
  test(`a password that counts as a whole is found ${what}, and no piece of it is`, () => {
    const searcher = new Searcher();
    searcher.add('the password', asBytes(odd), oddBytes.length);
    const at = text.length / 2;

    assert.deepEqual(searcher.tracesIn(`...${text}...`), [{ secret: 'the password', form }]);
    assert.deepEqual(searcher.tracesIn(`${text.slice(0, at)}...${text.slice(at)}`), []);
  });
}

test('each of many passwords is found, and said by its name', () => {
  const searcher = new Searcher();
  const cores = Array.from({ length: 50 }, (_, index) =>
    Buffer.from(`${index * 7919}`.padStart(12, 'q')).toString('hex'),
  );
  for (const [index, each] of cores.entries()) searcher.add(`password ${index}`, each);

  for (const [index, each] of cores.entries()) {
    assert.ok(searcher.tracesIn(each).some(({ secret }) => secret === `password ${index}`));
  }
});

function searcherFor(whole: string): Searcher {
  assert.ok(whole.includes(core));
  const searcher = new Searcher();
  searcher.add('the password', core);
  return searcher;
}

function everyByte(spell: (code: number) => string): string {
  return [...bytes].map(spell).join('');
}

function hex(code: number): string {
  return code.toString(16).padStart(2, '0');
}
