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
import type { Reason } from '../reasons.ts';

const jwt = (claims: string) => `e30.${Buffer.from(claims).toString('base64url')}.${password}`;

/** The user names are known ones, and messages say what they stand for. */
function pair(what: string, name: string, token: string, ...warnings: Reason[]): HostileCase {
  const source = secret(configOf({ username: name, password: token }));
  return { ...delivered(what, source, { [host]: `${name}:${token}` }, ...warnings), secrets: [Buffer.from(token)] };
}

/** Claims that no registry makes, each in a token that works for all that is known of it. */
const claims: Array<[claims: string, ...warnings: Reason[]]> = [
  ['{}'],
  ['null'],
  ['[]'],
  ['"exp"'],
  ['{"exp"'],
  ['{"exp":null}'],
  ['{"exp":"1795000000"}'],
  ['{"exp":true}'],
  ['{"exp":0}'],
  ['{"exp":-1}'],
  ['{"exp":1e300}'],
  ['{"exp":1e999}'],
  ['{"exp":{"valueOf":1}}'],
  ['{"exp":[1795000000]}'],
  ['{"__proto__":{"exp":1}}'],
  ['{"exp":1795000000000}'],
  ['{"exp":1}', 'tokenEnds'],
  ['{"exp":1e-300}', 'tokenEnds'],
  ['{"exp":1795000000.5}', 'tokenEnds'],
  ['{"exp":1,"exp":1795000000}', 'tokenEnds'],
  [`${'['.repeat(50_000)}`],
  [`{"exp":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
];

export const tokens: HostileCase[] = [
  ...['identitytoken', 'registrytoken', 'IdentityToken'].flatMap((field) => [
    refused(`${field} only`, secret(configOf({ [field]: password })), 'token'),
    refused(`${field} beside a username`, file(configOf({ username, [field]: password })), 'token'),
    refused(
      `${field} beside auth without a password`,
      secret(configOf({ auth: base64(`${username}:`), [field]: password })),
      'token',
    ),
    delivered(`${field} beside auth`, secret(configOf({ auth, [field]: 'Zc4(token)' }))),
    delivered(`${field} beside a pair`, file(configOf({ username, password, [field]: 'Zc4(token)' }))),
  ]),
  refused('an identity token that is no text', secret(configOf({ identitytoken: { value: password } })), 'token'),
  refused('an identity token that is empty', secret(configOf({ identitytoken: '' })), 'noCredential'),
  refused('a token by another name', secret(configOf({ token: password })), 'noCredential'),
  refused("GitLab's job token", secret(configOf({ username: 'gitlab-ci-token', password })), 'jobToken'),
  refused("GitLab's job token in auth", file(configOf({ auth: base64(`gitlab-ci-token:${password}`) })), 'jobToken'),
  pair('a user that is nearly the one of a job token', 'gitlab-ci-token ', password),
  pair('a token of Amazon ECR that tells no end', 'AWS', password, 'shortLived'),
  pair('a token of Google', 'oauth2accesstoken', password, 'shortLived'),
  pair('a token of Azure', '00000000-0000-0000-0000-000000000000', password, 'shortLived'),
  pair(
    'a whole key of Google for a password',
    '_json_key',
    JSON.stringify({ private_key: '-----BEGIN PRIVATE KEY-----\nVq7%xJ2\n' }),
  ),
  pair('the login of a robot of Harbor', 'robot$project+name', password),
  ...claims.map(([text, ...warnings]) =>
    pair(`a token with the claims ${text.slice(0, 40)} of ${text.length}`, 'robot', jwt(text), ...warnings),
  ),
  ...['..', '.', '...', 'a.b', '.e30.', 'a.!!.c'].map((text) => pair(`a password of ${text}, no token`, 'robot', text)),
];
