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

const older = `${username}:Zc4(older)`;
const entry = `{"auth":"${auth}"}`;
const olderEntry = `{"auth":"${base64(older)}"}`;
const login = `${username}:${password}`;
const hub = 'https://index.docker.io/v1/';
const inAuths = (...members: string[]) => `{"auths":{${members.join(',')}}}`;
const member = (key: string, value = entry) => `${JSON.stringify(key)}:${value}`;

const withinOne: HostileCase[] = [
  delivered('a registry twice', secret(inAuths(member(host, olderEntry), member(host))), undefined, 'twice'),
  delivered(
    'a registry three times',
    secret(inAuths(member(host, olderEntry), member(host, '{}'), member(host))),
    undefined,
    'twice',
  ),
  delivered(
    'a registry twice in a legacy map',
    secret(`{${member(host, olderEntry)},${member(host)}}`, 'dockercfg'),
    undefined,
    'twice',
  ),
  delivered(
    'a registry twice, once with an escape',
    file(inAuths(member(host, olderEntry), `"\\u0072${host.slice(1)}":${entry}`)),
    undefined,
    'twice',
  ),
  delivered(
    'a registry twice, first with nothing',
    secret(inAuths(member(host, '7'), member(host))),
    undefined,
    'twice',
  ),
  refused('a registry twice, last with nothing', secret(inAuths(member(host), member(host, '{}'))), 'noCredential'),
  refused('a registry twice, last with null', secret(inAuths(member(host), member(host, 'null'))), 'noObject'),
  refused('auths twice', secret(`{"auths":{${member('a.example.com')}},"auths":{${member(host)}}}`), 'twoAuths'),
  refused('auths twice, last empty', secret(`{"auths":{${member(host)}},"auths":{}}`), 'twoAuths'),
  refused('auths twice, last null', file(`{"auths":{${member(host)}},"auths":null}`), 'twoAuths'),
  refused(
    'auths twice, first in capitals',
    file(`{"Auths":{${member(host)}},"auths":{${member(host, olderEntry)}}}`),
    'twoAuths',
  ),
  refused('auths twice, once with an escape', secret(`{"auths":{${member(host)}},"\\u0061uths":{}}`), 'twoAuths'),
  ...['auth', 'username', 'password'].flatMap((field) => {
    const fields = `"username":"${username}","password":"${password}","auth":"${auth}"`;
    return [
      refused(`${field} twice`, secret(inAuths(member(host, `{${fields},"${field}":"${password}"}`))), 'fieldTwice'),
      refused(`${field} twice, last null`, file(inAuths(member(host, `{${fields},"${field}":null}`))), 'fieldTwice'),
      refused(
        `${field} twice, once in capitals`,
        secret(`{${member(host, `{${fields},"${field.toUpperCase()}":""}`)}}`, 'dockercfg'),
        'fieldTwice',
      ),
    ];
  }),
  delivered('an e-mail address twice', secret(inAuths(member(host, `{"email":"a@b","email":"c@d","auth":"${auth}"}`)))),
  delivered('auth twice in what nobody reads', file(`{"x":{"auth":1,"auth":2},"auths":{${member(host)}}}`)),
];

const colliding: Array<[spelling: string, other: string, host: string]> = [
  ['docker.io', hub, hub],
  ['index.docker.io', 'registry-1.docker.io', hub],
  ['https://docker.io', 'hub.docker.com/', hub],
  ['docker.io/team', 'https://index.docker.io/v1/team', 'docker.io/team'],
  [`https://${host}`, host, host],
  [`http://${host}`, `https://${host}`, host],
  [`${host}/`, host, host],
  [`${host}/v1/`, `${host}/v2/`, host],
  [host.toUpperCase(), host, host],
  [` ${host}`, `${host}\t`, host],
  [`${host}//team`, `${host}/team/`, `${host}/team`],
];

const betweenSources: HostileCase[] = [
  delivered('two sources with one registry and one login', [
    secret(inAuths(member(host))),
    file(inAuths(member(host))),
  ]),
  delivered(
    'two sources with one registry and two logins',
    [secret(inAuths(member(host, olderEntry))), file(inAuths(member(host)))],
    undefined,
    'differ',
  ),
  delivered(
    'a Secret that wins over a file',
    [file(inAuths(member(host, olderEntry))), secret(`{${member(host)}}`, 'dockercfg')],
    undefined,
    'differ',
  ),
  delivered(
    'three sources with one registry',
    [
      secret(inAuths(member(host, olderEntry))),
      file(inAuths(member(`${host}/`, olderEntry))),
      secret(inAuths(member(`https://${host}`))),
    ],
    undefined,
    'differ',
  ),
  delivered(
    'two sources with a registry and a path of it',
    [file(inAuths(member(host))), file(inAuths(member(`${host}/team`)))],
    { [host]: login, [`${host}/team`]: login },
  ),
  refused('a good source and an empty one', [secret(inAuths(member(host))), file('')], 'empty'),
  refused(
    'two sources that are wrong in two ways',
    [secret('['), file(configOf({ username }))],
    ['notJson', 'noPassword'],
  ),
];

export const repetitions: HostileCase[] = [
  ...withinOne,
  ...betweenSources,
  ...colliding.map(([spelling, other, name]) =>
    delivered(
      `a registry as ${JSON.stringify(spelling)} and ${JSON.stringify(other)}`,
      secret(inAuths(member(spelling, olderEntry), member(other))),
      { [name]: login },
      'twice',
    ),
  ),
  ...colliding
    .slice(0, 4)
    .map(([spelling, other, name]) =>
      delivered(
        `a registry in two sources, as ${spelling} and ${other}`,
        [file(inAuths(member(spelling, olderEntry))), secret(inAuths(member(other)))],
        { [name]: login },
        'differ',
      ),
    ),
];
