import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import type { Login } from '../credentials/login.ts';
import type { Mask } from '../credentials/masking.ts';
import { isRecord, parseJson } from '../json.ts';
import { registryAddress } from './registry-address.ts';
import { judgeAnswer, type RegistryAnswer, unusableAnswer } from './registry-answer.ts';
import { chooseLogin, parseChallenges } from './registry-challenge.ts';
import { faultOf } from './registry-fault.ts';
import type { LoginOutcome, Registries } from './registry-login.ts';

/** How long one login may take in all: milliseconds. */
const defaultTimeLimit = 10_000;
/** A token with many groups in it has some thousand characters: bytes. */
const longestBody = 65_536;

export interface RegistriesOptions {
  /** Sent as User-Agent. */
  userAgent: string;
  /** Hides what registries quote, and learns the tokens that they give. */
  mask: Mask;
  /** Milliseconds; default 10,000. */
  timeLimit?: number;
}

/** What one login needs for its requests. */
interface Connection {
  dispatcher: Dispatcher;
  signal: AbortSignal;
  userAgent: string;
  mask: Mask;
}

/**
 * Logs in as `docker login` does: `/v2/`, then with the login itself (Basic), or with a token that the registry's token
 * server gives for it (Bearer). A login goes to nobody but by https, and no redirect is followed. Proxies come from
 * HTTPS_PROXY and NO_PROXY, further certificate authorities from NODE_EXTRA_CA_CERTS.
 */
export function createRegistries({ timeLimit = defaultTimeLimit, userAgent, mask }: RegistriesOptions): Registries {
  return {
    async tryLogin(host, login, signal) {
      const address = registryAddress(host);
      if (!address) return { kind: 'untried', reason: 'a pattern of names stands for no single registry' };
      const dispatcher = proxyAgent();
      if (!dispatcher) return wrongProxy;
      try {
        const until = AbortSignal.any([signal, AbortSignal.timeout(timeLimit)]);
        return await logIn(address, login, { dispatcher, signal: until, userAgent, mask });
      } catch (error) {
        signal.throwIfAborted();
        return faultOf(error, timeLimit / 1000);
      } finally {
        await dispatcher.destroy();
      }
    },
  };
}

async function logIn(address: URL, { auth }: Login, connection: Connection): Promise<LoginOutcome> {
  const first = await ask(address, undefined, connection);
  first.body.destroy();
  if (first.status === 200) return { kind: 'untried', reason: 'the registry asks for no login at /v2/' };
  if (first.status !== 401) return unusableAnswer(first.status);
  const wanted = chooseLogin(parseChallenges(first.challenges));
  if (!wanted) return noKnownLogin;

  const basic = `Basic ${auth.toString('base64')}`;
  if (wanted.scheme === 'basic') {
    const answer = await readAnswer(await ask(address, basic, connection));
    return judgeAnswer(answer, connection.mask) ?? { kind: 'accepted' };
  }
  const tokenServer = URL.parse(wanted.realm);
  if (tokenServer?.protocol !== 'https:') return noTokenServer;
  // A login in the address would be sent in place of ours, or beside it.
  Object.assign(tokenServer, { username: '', password: '' });
  if (wanted.service !== undefined) tokenServer.searchParams.set('service', wanted.service);
  const given = await readAnswer(await ask(tokenServer, basic, connection));
  const no = judgeAnswer(given, connection.mask);
  if (no)
    return no.kind === 'unreachable' ? { ...no, reason: `its token server ${tokenServer.host}: ${no.reason}` } : no;
  const token = tokenIn(given.text);
  if (token === undefined) return noTokenServer;
  connection.mask.add(token);
  const answer = await readAnswer(await ask(address, `Bearer ${token}`, connection));
  return judgeAnswer(answer, connection.mask) ?? { kind: 'accepted' };
}

const noKnownLogin: LoginOutcome = {
  kind: 'unreachable',
  reason: 'it answers 401 and offers neither of the logins that registries have, Basic and Bearer',
  fix: 'check the name of the registry, and whether a proxy or firewall answers in its place',
};

const noTokenServer: LoginOutcome = {
  kind: 'unreachable',
  reason:
    'it names no token server that can be asked by https, or that one gives no token; the login was sent to nobody else',
  fix: 'look at the "realm" that the registry answers with, e.g. by curl -i',
};

const wrongProxy: LoginOutcome = {
  kind: 'unreachable',
  reason: 'the environment names a proxy that is no address',
  fix: 'write HTTPS_PROXY and HTTP_PROXY as "http://<host>:<port>"',
};

interface OpenAnswer {
  status: number;
  challenges: string[];
  namesItself: boolean;
  body: Dispatcher.ResponseData['body'];
}

async function ask(url: URL, authorization: string | undefined, connection: Connection): Promise<OpenAnswer> {
  const { dispatcher, signal, userAgent } = connection;
  const headers = { 'user-agent': userAgent, accept: 'application/json', ...(authorization ? { authorization } : {}) };
  const { statusCode, headers: answered, body } = await request(url, { dispatcher, signal, headers });
  // Whoever reads it hears of its errors; else nobody wants to.
  body.on('error', () => {});
  return {
    status: statusCode,
    challenges: [answered['www-authenticate'] ?? []].flat(),
    namesItself: answered['docker-distribution-api-version'] !== undefined,
    body,
  };
}

/** A refusal is one however its text ends; any other answer is whole or none. */
async function readAnswer({ status, namesItself, body }: OpenAnswer): Promise<RegistryAnswer> {
  try {
    return { status, namesItself, text: await textOf(body) };
  } catch (error) {
    if (status === 200) throw error;
    return { status, namesItself, text: '' };
  }
}

async function textOf(body: OpenAnswer['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // What is too long is no answer of a registry, and a part of it may end within a credential.
    if (size > longestBody) return '';
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return text.trimStart().startsWith('<') ? '' : text;
}

/** Both names are in use; only what a header can carry is taken. */
function tokenIn(text: string): string | undefined {
  const body = parseJson(text);
  if (!isRecord(body)) return undefined;
  const token = body.token || body.access_token;
  return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
}

/** `undefined` where a proxy's address cannot be read; the error would quote it, with the login in it. */
function proxyAgent(): Dispatcher | undefined {
  try {
    return new EnvHttpProxyAgent({ allowH2: false });
  } catch {
    return undefined;
  }
}
