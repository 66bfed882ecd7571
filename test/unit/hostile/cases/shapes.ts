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

const entry = { auth };
const wrong: Array<[kind: string, value: unknown]> = [
  ['true', true],
  ['false', false],
  ['0', 0],
  ['a number', 12345678],
  ['a fraction', 1e-7],
  ['a list', [password]],
  ['an empty list', []],
  ['an object', { value: password }],
];

const documents: HostileCase[] = [
  ...[
    'null',
    'true',
    '0',
    '-1.5e300',
    '""',
    `"${password}"`,
    '[]',
    `["${password}"]`,
    `[{"auths":{"${host}":${JSON.stringify(entry)}}}]`,
  ].map((text) => refused(`a document of ${text.slice(0, 20)}`, secret(text), 'notJson')),
  ...[
    '{}',
    '{"":{}}',
    '{"auths":{}}',
    '{"auths":null}',
    '{"auth":{}}',
    `{"auths":"${password}"}`,
    '{"auths":7}',
    '{"auths":false}',
    '{"auths":[]}',
  ].map((text) => refused(`an object of ${text.slice(0, 12)}`, secret(text), 'noAuths')),
  refused('auths as a list of entries', secret(JSON.stringify({ auths: [{ server: host, ...entry }] })), 'noAuths'),
  refused('auths as text', secret(JSON.stringify({ auths: JSON.stringify({ [host]: entry }) })), 'noAuths'),
  refused('auths within another object', secret(JSON.stringify({ data: { auths: { [host]: entry } } })), 'noAuths'),
  refused('an entry for every field of the login', secret(JSON.stringify({ auths: { username, password } })), [
    'noRegistry',
    'noRegistry',
  ]),
  refused('entries and fields swapped', secret(JSON.stringify({ auths: { auth: { [host]: auth } } })), 'noRegistry'),
  refused('auths twice as deep', secret(JSON.stringify({ auths: { auths: { [host]: entry } } })), 'noRegistry'),
  refused('a legacy map in a Secret of the newer type', secret(JSON.stringify({ [host]: entry })), 'noAuths'),
  refused('the newer form in a Secret of the legacy type', secret(configOf(entry), 'dockercfg'), 'noRegistry'),
  refused('nothing in a Secret of the legacy type', secret('{}', 'dockercfg'), 'noAuths'),
  refused('null in a Secret of the legacy type', secret('null', 'dockercfg'), 'notJson'),
  refused(
    'a legacy map with a key of the newer form',
    file(JSON.stringify({ [host]: entry, credsStore: 'x' })),
    'helper',
  ),
  refused(
    'a legacy map with headers beside the hosts',
    file(JSON.stringify({ [host]: entry, HttpHeaders: {} })),
    'noRegistry',
  ),
  delivered('a legacy map', secret(JSON.stringify({ [host]: entry }), 'dockercfg')),
  delivered('a legacy map in a file', file(JSON.stringify({ [host]: entry }))),
  delivered(
    'keys that no docker config has',
    file(JSON.stringify({ auths: { [host]: entry }, x: [1, { auths: 7 }], '': null })),
  ),
  delivered(
    'headers of a wrong type, which the kubelet refuses',
    secret(JSON.stringify({ auths: { [host]: entry }, HttpHeaders: { a: 1 } })),
  ),
  delivered('an e-mail address of a wrong type, which the kubelet refuses', secret(configOf({ ...entry, email: 7 }))),
  delivered('keys in capitals', secret(JSON.stringify({ AUTHS: { [host]: { Auth: auth } } }))),
  delivered(
    'keys as .NET writes them',
    file(JSON.stringify({ Auths: { [host]: { Username: username, Password: password } } })),
  ),
  delivered('a long s in a key, which Go folds', secret(configOf({ u: 1, uſername: username, paſſword: password }))),
];

const entries: HostileCase[] = [
  ...[null, ...wrong.map(([, value]) => value), password].map((value) => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return refused(
      `${JSON.stringify(value).slice(0, 12)} in place of an entry`,
      secret(configOf(value)),
      isObject ? 'noCredential' : 'noObject',
    );
  }),
  ...wrong.map(([kind, value]) =>
    refused(
      `${kind} in place of a legacy entry`,
      secret(JSON.stringify({ [host]: value }), 'dockercfg'),
      kind === 'an object' ? 'noCredential' : 'noObject',
    ),
  ),
  ...wrong.flatMap(([kind, value]) =>
    ['auth', 'username', 'password'].map((field) =>
      refused(
        `${kind} for ${field}`,
        secret(configOf({ username, password, ...(field === 'auth' ? {} : { auth }), [field]: value })),
        'noString',
      ),
    ),
  ),
  refused(
    'one bad entry after a good one',
    secret(JSON.stringify({ auths: { [host]: entry, 'b.example.com': { password } } })),
    'noUsername',
  ),
  refused(
    'two bad entries beside a good one',
    file(JSON.stringify({ auths: { 'a.example.com': 7, [host]: entry, 'b.example.com': {} } })),
    ['noObject', 'noCredential'],
  ),
  refused('an empty entry', secret(configOf({})), 'noCredential'),
  refused('an entry of nulls', file(configOf({ auth: null, username: null, password: null })), 'noCredential'),
  refused('an entry of empty texts', secret(configOf({ auth: '', username: '', password: '' })), 'noCredential'),
  refused('an entry within an entry', secret(configOf({ [host]: entry })), 'noCredential'),
  refused(
    'an entry with other names for its fields',
    file(configOf({ user: username, pass: password })),
    'noCredential',
  ),
  refused('a password and no username', secret(configOf({ password })), 'noUsername'),
  refused('a username and no password', secret(configOf({ username })), 'noPassword'),
  refused('a password and null for a username', file(configOf({ username: null, password })), 'noUsername'),
  refused('a username and an empty password', file(configOf({ username, password: '' })), 'noPassword'),
  refused('a colon in a username', secret(configOf({ username: `${username}:x`, password })), 'colon'),
  refused('a colon at the beginning of a username', file(configOf({ username: `:${username}`, password })), 'colon'),
  refused('a username of one colon', secret(configOf({ username: ':', password })), 'colon'),
  delivered('a pair', secret(configOf({ username, password }))),
  delivered('a pair in a legacy map', secret(JSON.stringify({ [host]: { username, password } }), 'dockercfg')),
  delivered('a pair beside null for auth', file(configOf({ username, password, auth: null }))),
  delivered('a pair beside an empty auth', secret(configOf({ username, password, auth: '' }))),
  delivered('auth beside an empty pair', secret(configOf({ username: '', password: '', auth }))),
  delivered(
    'auth beside a pair that differs',
    secret(configOf({ username, password: 'Zc4(older)', auth })),
    undefined,
    'disagrees',
  ),
  delivered(
    'auth beside a username with a colon',
    file(configOf({ username: 'a:b', password, auth })),
    undefined,
    'disagrees',
  ),
  delivered('auth beside half of a pair', secret(configOf({ username, auth })), undefined, 'disagrees'),
  delivered('a colon in the username of auth, which begins the password', secret(configOf({ auth: base64('a:b:c') })), {
    [host]: 'a:b:c',
  }),
];

export const shapes = [...documents, ...entries];
