import { isRecord } from '../json.ts';
import type { Problem } from '../problem.ts';
import { foldKeys } from './json-fields.ts';

/** One registry's login. `auth` is the bytes of `username:password`, kept as bytes since a password may be any. */
export interface Login {
  username: string;
  auth: Buffer;
  email?: string;
}

export function sameLogin(a: Login, b: Login): boolean {
  return a.auth.equals(b.auth);
}

/**
 * Reads one entry of a docker config: `auth`, or `username` and `password`; the kubelet reads nothing else.
 * Where both are there and disagree, `auth` counts and a warning is added.
 *
 * @param where the entry in words, for messages
 */
export function readLogin(written: unknown, where: string, warnings: string[]): Login | Problem {
  if (!isRecord(written))
    return { message: `${where} is not an object`, fix: 'give it "auth", or "username" and "password"' };
  const entry = foldKeys(written);
  for (const field of ['auth', 'username', 'password']) {
    if (typeof (entry[field] ?? '') === 'string') continue;
    return { message: `${where} has a "${field}" that is not a string`, fix: 'put it in quotes' };
  }
  const text = (field: string) => (entry[field] ?? '') as string;
  const [auth, username, password] = [text('auth'), text('username'), text('password')];
  const decoded = auth ? decodeAuth(auth) : undefined;
  // Before anything else is found wrong: with a token, "docker login" writes "auth" or "username" without a password.
  if ((entry.identitytoken || entry.registrytoken) && !decoded && !password) {
    return {
      message: `${where} has only an identity or registry token and no password, and the kubelet cannot use such a token`,
      fix: 'create an access token at the registry and give it as "username" and "password"',
    };
  }
  const { email } = entry;
  const contact = typeof email === 'string' && email !== '' ? { email } : {};
  const pair = readPair(username, password, where);
  if (!auth) {
    if (pair) return 'message' in pair ? pair : { ...pair, ...contact };
    return {
      message: `${where} holds no credential`,
      fix: 'remove it, or give it "auth", or "username" and "password" ("docker login" with a credential helper leaves such an entry)',
    };
  }
  if (!decoded) {
    return {
      message: `${where} has an "auth" that is not base64 of "username:password"`,
      fix: 'build it with: printf %s "$USER:$PASSWORD" | base64 -w0',
    };
  }
  if (pair && ('message' in pair || !pair.auth.equals(decoded.auth))) {
    warnings.push(
      `${where} has an "auth" that disagrees with "username" and "password": "auth" counts, as it does for the kubelet`,
    );
  }
  return { ...decoded, ...contact };
}

function readPair(username: string, password: string, where: string): Login | Problem | undefined {
  if (!username && !password) return undefined;
  if (!username) return { message: `${where} has a password without a username`, fix: 'add "username"' };
  if (!password) return { message: `${where} has a username without a password`, fix: 'add "password"' };
  if (!username.isWellFormed() || !password.isWellFormed()) {
    return {
      message: `${where} has half of a character in its ${username.isWellFormed() ? 'password' : 'username'}, which no bytes stand for`,
      fix: 'write the character itself, or both halves of its escape, such as \\ud83d\\ude00',
    };
  }
  if (username.includes(':')) {
    return {
      message: `${where} has a ":" in its username, which HTTP Basic authentication cannot carry`,
      fix: 'use a login without one',
    };
  }
  return { username, auth: Buffer.from(`${username}:${password}`, 'utf8') };
}

/**
 * Base64 with or without padding and with line breaks in it (`base64` makes them after 76 characters), as the kubelet and
 * Go's decoder read it. Source: kubernetes pkg/credentialprovider/config.go.
 */
function decodeAuth(auth: string): Login | undefined {
  const text = auth.replace(/[\r\n]/g, '').trim();
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1) return undefined;
  const bytes = Buffer.from(text, 'base64');
  const colon = bytes.indexOf(':');
  if (colon < 1 || colon === bytes.length - 1) return undefined;
  return { username: bytes.subarray(0, colon).toString('utf8'), auth: bytes };
}
