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

const entry = { auth };
const json = JSON.stringify;
const hub = 'https://index.docker.io/v1/';

/** What docker, podman and their like write, and what people make of it. */
export const dockerTools: HostileCase[] = [
  delivered('docker login of 2015', file(json({ auths: { [host]: { auth, email: 'a@example.com' } } }))),
  delivered(
    'docker login with headers and plugins',
    file(
      json({
        auths: { [host]: entry },
        HttpHeaders: { 'User-Agent': 'Docker-Client/19.03' },
        plugins: { 'x-cli-hints': { enabled: 'true' } },
        aliases: { builder: 'buildx' },
        psFormat: 'table',
        detachKeys: 'ctrl-e,e',
        currentContext: 'desktop-linux',
      }),
    ),
  ),
  delivered(
    'docker login beside a helper for another registry',
    file(json({ auths: { [host]: entry }, credHelpers: { 'gcr.io': 'gcloud' } })),
  ),
  delivered('docker login beside a store', file(json({ auths: { [host]: entry }, credsStore: 'pass' }))),
  delivered('podman login', file(`{\n\t"auths": {\n\t\t"${host}": {\n\t\t\t"auth": "${auth}"\n\t\t}\n\t}\n}`)),
  delivered(
    'kubectl create secret docker-registry',
    secret(json({ auths: { [host]: { username, password, email: 'a@example.com', auth } } })),
  ),
  delivered('GitLab’s DOCKER_AUTH_CONFIG', file(json({ auths: { [host]: entry } }))),
  delivered('a robot of Quay', secret(json({ auths: { 'quay.io': { auth, email: '' } } })), {
    'quay.io': `${username}:${password}`,
  }),
  delivered(
    'Docker Hub as docker login writes it',
    file(json({ auths: { [hub]: entry, [`${hub}access-token`]: {}, [`${hub}refresh-token`]: {} } })),
    { [hub]: `${username}:${password}` },
  ),
  delivered(
    'an entry per group of GitLab',
    file(json({ auths: { 'registry.gitlab.com/a': entry, 'registry.gitlab.com/b': entry } })),
    { 'registry.gitlab.com/a': `${username}:${password}`, 'registry.gitlab.com/b': `${username}:${password}` },
  ),
  refused(
    'Docker Desktop',
    file(json({ auths: { [hub]: {} }, credsStore: 'desktop', currentContext: 'desktop-linux' })),
    'helper',
  ),
  refused('Docker Desktop on Windows', secret(json({ auths: {}, credsStore: 'wincred' })), 'helper'),
  refused('a keychain of macOS', file(json({ credsStore: 'osxkeychain' })), 'helper'),
  refused(
    'gcloud auth configure-docker',
    file(json({ credHelpers: { 'gcr.io': 'gcloud', 'eu.gcr.io': 'gcloud' } })),
    'helper',
  ),
  refused('helper of Amazon ECR', secret(json({ credHelpers: { 'public.ecr.aws': 'ecr-login' } })), 'helper'),
  refused('a helper in capitals', file(json({ CredsStore: 'desktop', Auths: { [host]: {} } })), 'helper'),
  refused('an entry that a helper left, beside none', file(json({ auths: { [host]: {} } })), 'noCredential'),
  refused(
    'an entry that a helper left, beside a good one',
    file(json({ auths: { [host]: {}, 'b.example.com': entry }, credsStore: 'pass' })),
    'noCredential',
  ),
  refused('headers only', file(json({ HttpHeaders: { Authorization: `Basic ${auth}` } })), 'noAuths'),
  refused(
    'proxies only',
    file(json({ proxies: { default: { httpProxy: `http://${username}:${password}@proxy:3128` } } })),
    'noAuths',
  ),
  refused('docker logout', file(json({ auths: {} })), 'noAuths'),
  refused(
    'az acr login',
    file(
      json({
        auths: {
          'x.azurecr.io': {
            auth: 'MDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAwOg==',
            identitytoken: `e30.${password}.x`,
          },
        },
      }),
    ),
    'token',
  ),
  refused('what docker login says', file('Login Succeeded\n'), 'notJson'),
  refused(
    'what docker login warns of',
    file('WARNING! Your credentials are stored unencrypted in config.json.\n'),
    'notJson',
  ),
  refused(
    'a list of entries, as another program wants it',
    file(json([{ registry: host, username, password }])),
    'notJson',
  ),
  refused('a map by servers', file(json({ registries: { [host]: { username, password } } })), 'noAuths'),
  refused('one entry with its server in it', file(json({ serveraddress: host, username, password })), 'noAuths'),
  refused('X-Registry-Auth', secret(json({ username, password, serveraddress: host })), 'noAuths'),
  refused('auths in a file of comments', file(`// for CI\n${configOf(entry)}`), 'notJson'),
  refused('a comma after the last entry', file(configOf(entry).replace('}}}', '},}}')), 'notJson'),
  refused('a comma after the last field', secret(configOf(entry).replace('"}', '",}')), 'notJson'),
  refused(
    'no comma between entries',
    file(`{"auths":{"a.example.com":${json(entry)} "b.example.com":${json(entry)}}}`),
    'notJson',
  ),
  refused('single quotes', file(configOf(entry).replaceAll('"', "'")), 'notJson'),
  refused('keys without quotes', file(configOf(entry).replaceAll('"auths"', 'auths')), 'notJson'),
  refused('values without quotes', secret(`{"auths":{"${host}":{"auth":${auth}}}}`), 'notJson'),
  refused(
    'a newline within auth, as base64 makes it',
    secret(configOf({ auth: '@' }).replace('@', `${auth.slice(0, 20)}\n${auth.slice(20)}`)),
    'notJson',
  ),
  refused(
    'a password with its quote not escaped',
    secret(`{"auths":{"${host}":{"username":"u","password":"Vq7"%xJ2!fB9"}}}`),
    'notJson',
    'Vq7"%xJ2!fB9',
  ),
  refused(
    'a password with a backslash not escaped',
    secret(`{"auths":{"${host}":{"username":"u","password":"Vq7\\%xJ2!fB9"}}}`),
    'notJson',
  ),
  refused('an escape of C', secret(`{"auths":{"${host}":{"username":"u","password":"Vq7\\x25J2!fB9"}}}`), 'notJson'),
  refused(
    'an escape that is cut',
    secret(`{"auths":{"${host}":{"username":"u","password":"Vq7!fB9\\u00"}}}`),
    'notJson',
  ),
  refused(
    'undefined, as JavaScript writes it',
    file(`{"auths":{"${host}":{"username":"u","password":undefined}}}`),
    'notJson',
  ),
  refused('NaN', secret(`{"auths":{"${host}":{"username":"u","password":NaN}}}`), 'notJson'),
  refused('a number in hexadecimal', secret(`{"auths":{"${host}":{"username":"u","password":0x1F}}}`), 'notJson'),
  refused(
    'a number with a zero before it',
    secret(`{"auths":{"${host}":{"username":"u","password":0123}}}`),
    'notJson',
  ),
  refused('True, as Python writes it', file(`{'auths': {'${host}': {'auth': '${auth}', 'x': True}}}`), 'notJson'),
];
