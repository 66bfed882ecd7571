import { registryNames } from '../../../support/registry-names.ts';
import {
  auth,
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

/** What every object of JavaScript knows, or what programs put there by accident. */
const prototypeNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__defineGetter__',
  'valueOf',
  'toJSON',
  'then',
  'length',
];
const member = (name: string, value: unknown) => `${JSON.stringify(name)}:${JSON.stringify(value)}`;
const login = `${username}:${password}`;

const prototypes: HostileCase[] = prototypeNames.flatMap((name) => [
  delivered(
    `${name} beside auths`,
    secret(`{${member(name, { auths: {}, auth: 'x' })},"auths":{${member(host, { auth })}}}`),
  ),
  delivered(`${name} in an entry`, file(`{"auths":{"${host}":{${member(name, { auth: 'x' })},"auth":"${auth}"}}}`)),
  delivered(`${name} for username and password`, secret(configOf({ username: name, password: name })), {
    [host]: `${name}:${name}`,
  }),
  refused(`${name} in place of a registry`, secret(`{"auths":{${member(name, { auth })}}}`), 'noRegistry'),
  delivered(`${name} with a port for a registry`, file(`{"auths":{${member(`${name}:5000`, { auth })}}}`), {
    [`${name.toLowerCase()}:5000`]: login,
  }),
]);

const onlyPrototypes: HostileCase[] = [
  refused('auths in __proto__', secret(`{"__proto__":{"auths":{${member(host, { auth })}}}}`), 'noAuths'),
  refused('auth in __proto__', secret(`{"auths":{"${host}":{"__proto__":{"auth":"${auth}"}}}}`), 'noCredential'),
  refused(
    'a pair in the prototype of a constructor',
    file(`{"auths":{"${host}":{"constructor":{"prototype":${JSON.stringify({ username, password })}}}}}`),
    'noCredential',
  ),
  refused('__proto__ as a whole legacy map', secret(`{"__proto__":{"auth":"${auth}"}}`, 'dockercfg'), 'noRegistry'),
];

const spelled: HostileCase[] = registryNames.map(([name, normal, because]) =>
  normal === undefined
    ? refused(
        `the registry ${JSON.stringify(name).slice(0, 60)}, since ${because}`,
        secret(configOf({ auth }, name)),
        'noRegistry',
      )
    : delivered(
        `the registry ${JSON.stringify(name).slice(0, 60)}, since ${because}`,
        secret(configOf({ auth }, name)),
        { [normal]: login },
      ),
);

const more: HostileCase[] = [
  ...[
    `${username}:${password}@${host}`,
    `https://${password}@${host}/v1/`,
    password,
    `${host}/${password}`,
    `${host}#${password}`,
    `${host}?token=x`,
    `${host}\\team`,
    `${host}:`,
    `${host}:123456`,
    `${host}:-1`,
    `.${host}`,
    `${host}.`,
    'registry..example.com',
    'https:///v1/',
    'ftp://registry.example.com',
    'docker://registry.example.com',
    'https:registry.example.com',
    '//registry.example.com',
    '[::1',
    '::1',
    '[::1%eth0]:5000',
    '[gggg::1]',
    'registry.example.com\u0000',
    'registry.example.com\n',
    'registry.exam\u0000ple.com',
    'registry.example.com/\u0007',
    'registry.example.com/team\u00a0a',
    '\u202eregistry.example.com',
    'registry。example。com',
    'xn--/\u00fc.example.com',
    'registry.example.com/%2e%2e',
    '{{ .Values.registry }}',
    '$\u007bREGISTRY}',
    '<registry>',
    '%s',
    'registry.example.com,other.example.com',
    'registry.example.com other.example.com',
    'a'.repeat(600),
  ]
    .filter((name) => name !== 'registry.example.com\n')
    .map((name) =>
      refused(`the key ${JSON.stringify(name).slice(0, 40)}`, file(configOf({ auth }, name)), 'noRegistry'),
    ),
  delivered('a key with a newline after it', secret(configOf({ auth }, `${host}\n`))),
  delivered('keys with a byte order mark around them', secret(configOf({ auth }, `\ufeff${host}\ufeff`))),
  delivered('all of the kubelet’s globs', secret(configOf({ auth }, 'r?g-[a-z]*.example.com')), {
    'r?g-[a-z]*.example.com': login,
  }),
  delivered('many stars', file(configOf({ auth }, `${'a*'.repeat(60)}.example.com`)), {
    [`${'a*'.repeat(60)}.example.com`]: login,
  }),
  delivered('dots in a path', secret(configOf({ auth }, `${host}/../team`)), { [`${host}/../team`]: login }),
  delivered('a host of digits and dots', secret(configOf({ auth }, '127.1')), { '127.1': login }),
  delivered(
    'what docker login leaves at Docker Hub',
    file(
      JSON.stringify({
        auths: {
          [host]: { auth },
          'https://index.docker.io/v1/access-token': { auth: 'x' },
          'https://index.docker.io/v1/refresh-token': 7,
        },
      }),
    ),
  ),
  refused(
    'only what docker login leaves at Docker Hub',
    secret(JSON.stringify({ auths: { 'https://index.docker.io/v1/access-token': { auth } } })),
    'noAuths',
  ),
];

export const names = [...prototypes, ...onlyPrototypes, ...spelled, ...more];
