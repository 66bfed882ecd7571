import {
  auth,
  base64,
  configOf,
  delivered,
  file,
  type HostileCase,
  host,
  password,
  refused,
  secret,
  username,
} from '../hostile-case.ts';

const login = `${username}:${password}`;
const members = <T>(count: number, value: T): Record<string, T> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`r${index}.example.com`, value]));
const beside = (text: string) => `{"x":${text},"auths":{"${host}":{"auth":"${auth}"}}}`;
const nested = (depth: number, open: string, close: string) => `${open.repeat(depth)}1${close.repeat(depth)}`;
const large = (size: number) => `${password}${'p'.repeat(size)}`;

/** What grows with a source must not grow with its square, nor with the call stack. A Secret has 1 MiB, a file 4 MiB. */
export const sizes: HostileCase[] = [
  delivered('lists 400,000 deep beside auths', secret(beside(nested(400_000, '[', ']')))),
  delivered('objects 150,000 deep beside auths', secret(beside(nested(150_000, '{"a":', '}')))),
  delivered('objects and lists in turns, 100,000 deep', file(beside(nested(100_000, '[{"auths":', '}]')))),
  refused(
    'lists 400,000 deep for auth',
    secret(`{"auths":{"${host}":{"auth":${nested(400_000, '[', ']')}}}}`),
    'noString',
  ),
  refused(
    'objects 150,000 deep for an entry',
    secret(`{"auths":{"${host}":${nested(150_000, '{"auth":', '}')}}}`),
    'noString',
  ),
  refused('auths 150,000 deep', file(nested(150_000, '{"auths":', '}')), 'noRegistry'),
  refused('lists that never end', secret('['.repeat(1_000_000)), 'notJson'),
  refused('objects that never end', file('{"auths":'.repeat(400_000)), 'notJson'),
  refused('a text that never ends', file(`{"auths":"${'x'.repeat(1_000_000)}`), 'notJson'),
  refused('a file of blanks', file(' '.repeat(4_000_000)), 'empty'),
  delivered('blanks of a megabyte', secret(beside(`${' '.repeat(1_000_000)}1`))),
  delivered('a password of 700 KB', secret(configOf({ username, password: large(700_000) })), {
    [host]: `${username}:${large(700_000)}`,
  }),
  delivered('auth of 900 KB', secret(configOf({ auth: base64(`${username}:${large(600_000)}`) })), {
    [host]: `${username}:${large(600_000)}`,
  }),
  delivered('a password of 300,000 quotes', file(configOf({ username, password: '"'.repeat(300_000) })), {
    [host]: `${username}:${'"'.repeat(300_000)}`,
  }),
  delivered('a password of 300,000 backslashes', file(configOf({ username, password: '\\'.repeat(300_000) })), {
    [host]: `${username}:${'\\'.repeat(300_000)}`,
  }),
  delivered('a password of 300,000 newlines', file(configOf({ username, password: '\n'.repeat(300_000) })), {
    [host]: `${username}:${'\n'.repeat(300_000)}`,
  }),
  refused(
    'a password that no Secret holds in base64',
    secret(configOf({ username, password: large(1_000_000) })),
    'tooLarge',
  ),
  refused(
    'an auth that no Secret holds',
    file(configOf({ auth: base64(`${username}:${large(2_000_000)}`) })),
    'tooLarge',
  ),
  refused('an e-mail address that no Secret holds', file(configOf({ auth, email: 'm'.repeat(1_100_000) })), 'tooLarge'),
  refused(
    'an auth of three megabytes that is no base64',
    file(configOf({ auth: `${'A'.repeat(3_000_000)}!` })),
    'badAuth',
  ),
  refused('an auth of padding by the megabyte', file(configOf({ auth: `QTpC${'='.repeat(1_000_000)}` })), 'badAuth'),
  refused(
    'more registries than a Secret holds',
    file(JSON.stringify({ auths: members(3000, { username, password: large(300) }) })),
    'tooLarge',
  ),
  delivered('1,000 registries', secret(JSON.stringify({ auths: members(1000, { auth }) })), members(1000, login)),
  refused('10,000 registries with nothing', secret(JSON.stringify({ auths: members(10_000, {}) })), [
    ...Array(20).fill('noCredential'),
    'further',
  ]),
  refused(
    '20,000 keys that are no registries',
    file(JSON.stringify({ auths: Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`${index}`, {}])) })),
    [...Array(20).fill('noRegistry'), 'further'],
  ),
  delivered(
    '100 registries twice',
    secret(`{"auths":{${[...Array(200).keys()].map((index) => `"r${index % 100}.example.com":{"auth":"${auth}"}`)}}}`),
    members(100, login),
    ...Array(20).fill('twice'),
    'furtherWarnings',
  ),
  refused('a key of a megabyte', secret(configOf({ auth }, `${'a'.repeat(1_000_000)}.example.com`)), 'noRegistry'),
  refused('a key of a million dots', secret(configOf({ auth }, '.'.repeat(1_000_000))), 'noRegistry'),
  refused('a key of a million slashes', secret(configOf({ auth }, `${host}${'/'.repeat(1_000_000)}`)), 'noRegistry'),
  refused('a key of a million blanks', secret(configOf({ auth }, `${host}${' '.repeat(1_000_000)}x`)), 'noRegistry'),
  delivered(
    'a million blanks around a key',
    secret(configOf({ auth }, `${' '.repeat(500_000)}${host}${' '.repeat(500_000)}`)),
  ),
  delivered('a number with 900,000 digits', file(beside('9'.repeat(900_000)))),
  delivered('a number that is too large for a number', secret(beside('1e999999'))),
  delivered('a key of 900,000 signs that nobody reads', secret(beside(`{"${'k'.repeat(900_000)}":1}`))),
  delivered(
    '50,000 keys that nobody reads',
    file(beside(`{${[...Array(50_000).keys()].map((index) => `"${index}":1`)}}`)),
  ),
];
