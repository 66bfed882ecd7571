import { type GoJson, readGoJson } from './go-json.ts';

export interface KubeletLogin {
  username: Buffer;
  password: Buffer;
}

/**
 * What the kubelet takes from the data of a pull secret: the login of each registry, by the key as it is written.
 * `undefined`: it can use nothing of it. Source: kubernetes 1.37, pkg/credentialprovider: config.go, and
 * secrets/secrets.go. A second implementation of what the job has to do, for its tests; it was run against Go's own.
 */
export function readAsKubelet(
  content: Buffer,
  type: 'kubernetes.io/dockerconfigjson' | 'kubernetes.io/dockercfg',
): Map<string, KubeletLogin> | undefined {
  const document = readGoJson(content);
  try {
    if (document === undefined) throw new UnusableFault();
    const logins = new Map<string, KubeletLogin>();
    if (type === 'kubernetes.io/dockercfg') return readAuths(document, logins);
    for (const [key, value] of membersOf(document)) {
      if (fold(key) === 'auths') {
        if (value.kind === 'null') logins.clear();
        readAuths(value, logins);
      }
      if (fold(key) === 'httpheaders') for (const [, header] of membersOf(value)) stringOf(header);
    }
    return logins;
  } catch (error) {
    if (error instanceof UnusableFault) return undefined;
    throw error;
  }
}

class UnusableFault extends Error {}

/** A map takes the entries of each object that is read into it. */
function readAuths(value: GoJson, logins: Map<string, KubeletLogin>): Map<string, KubeletLogin> {
  for (const [key, entry] of membersOf(value)) logins.set(key, readEntry(entry));
  return logins;
}

function readEntry(entry: GoJson): KubeletLogin {
  const fields = new Map<string, Buffer>();
  for (const [key, value] of membersOf(entry)) {
    if (!['username', 'password', 'email', 'auth'].includes(fold(key))) continue;
    const text = stringOf(value);
    if (text !== undefined) fields.set(fold(key), text);
  }
  const field = (name: string) => fields.get(name) ?? Buffer.alloc(0);
  const auth = field('auth').toString('utf8');
  return auth === '' ? { username: field('username'), password: field('password') } : decodeAuth(auth);
}

function decodeAuth(auth: string): KubeletLogin {
  const isPadded = auth.trim().endsWith('=');
  const text = auth.replace(/[\r\n]/g, '');
  const [digits = '', padding] = /^([A-Za-z0-9+/]*)(=*)$/.exec(text)?.slice(1) ?? [];
  if (padding === undefined || digits.length % 4 === 1) throw new UnusableFault();
  if (isPadded ? (digits.length + padding.length) % 4 !== 0 || padding.length > 2 : padding !== '') {
    throw new UnusableFault();
  }
  const bytes = Buffer.from(digits, 'base64');
  const colon = bytes.indexOf(':');
  if (colon < 0) throw new UnusableFault();
  return { username: bytes.subarray(0, colon), password: bytes.subarray(colon + 1) };
}

/** An object's members; null is an object that says nothing. */
function membersOf(value: GoJson): Array<[key: string, value: GoJson]> {
  if (value.kind === 'object') return value.members;
  if (value.kind === 'null') return [];
  throw new UnusableFault();
}

/** null leaves a text as it is. */
function stringOf(value: GoJson): Buffer | undefined {
  if (value.kind === 'string') return value.bytes;
  if (value.kind === 'null') return undefined;
  throw new UnusableFault();
}

/** Go compares the names of fields without their case. Source: encoding/json, fold.go. */
function fold(key: string): string {
  return key
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .replaceAll('\u017f', 's')
    .replaceAll('\u212a', 'k');
}
