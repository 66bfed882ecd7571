import fc from 'fast-check';
import type { Source } from './deliver.ts';
import { file, secret } from './hostile-case.ts';

export interface Login {
  username: Buffer;
  password: Buffer;
}

/** Text of any characters, control characters and what lies beyond 16 bits among them, that UTF-8 can hold. */
const text = (minLength: number) => fc.string({ unit: 'binary', minLength, maxLength: 40, size: 'max' });
const bytes = (minLength: number) =>
  fc.uint8Array({ minLength, maxLength: 40, size: 'max' }).map((array) => Buffer.from(array));

/** Logins as text, which a pair can hold, and as any bytes, which only `auth` can. */
export const textLogins: fc.Arbitrary<Login> = fc
  .record({ username: text(1), password: text(1) })
  .filter(({ username }) => !username.includes(':'))
  .map(({ username, password }) => ({ username: Buffer.from(username), password: Buffer.from(password) }));
export const byteLogins: fc.Arbitrary<Login> = fc
  .record({ username: bytes(1), password: bytes(1) })
  .filter(({ username }) => !username.includes(':'));

export const hosts = fc.constantFrom(
  'registry.example.com',
  'registry.example.com:5000',
  'registry.example.com/team/app',
  '*.example.com',
  'localhost',
  '[fd00::1]:5000',
  'https://index.docker.io/v1/',
  'docker.io/team',
);

/** The ways in which an entry of a docker config may hold a login. */
export type Way = 'auth' | 'pair' | 'both';
export const ways = fc.constantFrom<Way>('auth', 'pair', 'both');

export function entryOf({ username, password }: Login, way: Way): object {
  const auth = Buffer.concat([username, Buffer.from(':'), password]).toString('base64');
  const pair = { username: username.toString(), password: password.toString() };
  return way === 'auth' ? { auth } : way === 'pair' ? pair : { ...pair, auth };
}

/** How a source may hold its content. */
export type Kind = 'secret' | 'legacy' | 'file';
export const kinds = fc.constantFrom<Kind>('secret', 'legacy', 'file');

export function sourceOf(kind: Kind, content: string | Buffer): Source {
  return kind === 'file' ? file(content) : secret(content, kind === 'legacy' ? 'dockercfg' : 'dockerconfigjson');
}

/** A docker config in the format of that kind of source. */
export function configFor(kind: Kind, auths: object, beside: object = {}): object {
  return kind === 'legacy' ? auths : { ...beside, auths };
}

/** A docker config of several logins, with what may stand beside them. */
export const goodConfigs = fc
  .record({
    kind: kinds,
    auths: fc.dictionary(hosts, fc.record({ login: textLogins, way: ways }), { minKeys: 1, maxKeys: 4 }),
    beside: fc.constantFrom(
      {},
      { HttpHeaders: { a: 'b' } },
      { x: [{ auths: 1 }], credHelpers: { 'gcr.io': 'gcloud' } },
    ),
    indent: fc.constantFrom(undefined, 2),
  })
  .map(({ kind, auths, beside, indent }) => {
    const entries = Object.entries(auths).map(([host, { login, way }]) => [host, entryOf(login, way)]);
    const config = configFor(kind, Object.fromEntries(entries), beside);
    return {
      kind,
      content: Buffer.from(JSON.stringify(config, undefined, indent)),
      secrets: Object.values(auths).flatMap(({ login }) => [login.username, login.password]),
    };
  });

/** What may stand in place of each part of a docker config: what belongs there, what nearly does, and anything at all. */
const anyValue = fc.oneof(fc.constantFrom(null, true, 0, '', [], {}, '\ud83d'), text(0), fc.jsonValue({ maxDepth: 2 }));
const anyAuth = fc.oneof(
  fc.constantFrom('eDp5', 'QTpC\n', 'eDo=', 'Onk=', 'eHk', '===='),
  byteLogins.map(({ username, password }) => Buffer.concat([username, Buffer.from(':'), password]).toString('base64')),
);
const anyEntry = fc.oneof(
  { weight: 9, arbitrary: fc.record({ auth: often(anyAuth), email: often(text(0)) }, { requiredKeys: ['auth'] }) },
  {
    weight: 9,
    arbitrary: fc.record({ username: often(text(1)), password: often(text(1)), auth: fc.constantFrom(null, '') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ Auth: anyAuth, username: text(1), identitytoken: text(0) }, { requiredKeys: [] }),
  },
  { weight: 1, arbitrary: anyValue },
);
const anyAuths = fc.dictionary(fc.oneof({ weight: 20, arbitrary: hosts }, fc.string({ unit: 'binary' })), anyEntry, {
  maxKeys: 3,
});

/** Documents that have much, something or nothing of a docker config. */
export const anyDocument = fc
  .oneof(
    { weight: 6, arbitrary: fc.record({ auths: anyAuths }) },
    { weight: 3, arbitrary: anyAuths },
    { weight: 2, arbitrary: fc.record({ Auths: anyAuths, credsStore: anyValue, x: anyValue }, { requiredKeys: [] }) },
    { weight: 1, arbitrary: fc.record({ auths: anyValue }) },
    { weight: 1, arbitrary: anyValue },
  )
  .map((document) => ({ content: JSON.stringify(document), secrets: textsIn(document) }));

function textsIn(value: unknown): Buffer[] {
  if (typeof value === 'string') return [Buffer.from(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Mostly what belongs there. */
function often<Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 15, arbitrary }, { weight: 1, arbitrary: anyValue });
}
