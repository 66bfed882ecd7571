import { execFile } from 'node:child_process';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hash } from 'bcryptjs';
import { Agent, request } from 'undici';
import { stringify } from 'yaml';
import { tool } from '../tools.ts';
import type { Certificate } from './certificate.ts';
import { startProcess, untilAlive } from './process.ts';

const run = promisify(execFile);
/** bcrypt's cheapest: the password need not withstand anybody. */
const rounds = 4;

/** A private registry: it refuses whoever does not log in, pulls included, unless it is told otherwise. */
export interface Registry extends AsyncDisposable {
  /** The name that images have, e.g. `registry.example.com`. */
  host: string;
  /** Where it listens on this machine, e.g. `127.0.0.1:5001`. */
  address: string;
  /** The user who may do everything. */
  username: string;
  /** Changes the password at once. */
  setPassword(password: string): Promise<void>;
  /** The folder with all that it has, which it reads anew for each request. */
  data: string;
  /** A folder with a docker config that logs in at `address`, for DOCKER_CONFIG. */
  login(): Promise<string>;
  /** Pushes an image archive under a name without a host, e.g. `team/app:1`. */
  push(archive: string, name: string): Promise<void>;
  stop(): Promise<void>;
}

export interface RegistryOptions {
  host: string;
  port: number;
  username: string;
  password: string;
  /** Further users, and their passwords. */
  others?: Record<string, string>;
  /** A folder of its own is made in it. */
  directory: string;
  /** An address of this machine. Default: 127.0.0.1. */
  listen?: string;
  /** Nobody has to log in. */
  isPublic?: boolean;
  /** It speaks https with it; default: plain http. */
  tls?: Certificate;
  /** It takes the tokens of a token server; default: it takes logins itself. */
  tokens?: TokenServerOptions;
}

export interface TokenServerOptions {
  /** Where a token is to be had for a login. */
  realm: string;
  service: string;
  issuer: string;
  /** What the tokens are signed with, PEM. */
  certificate: string;
}

export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  const {
    host,
    port,
    username,
    password,
    others = {},
    directory,
    listen = '127.0.0.1',
    isPublic,
    tls,
    tokens,
  } = options;
  const own = join(directory, `registry-${port}`);
  const address = `${listen}:${port}`;
  const url = `${tls ? 'https' : 'http'}://${address}/v2/`;
  await mkdir(own);
  const htpasswd = join(own, 'htpasswd');
  const data = join(own, 'data');
  let current = password;
  const setPassword = async (next: string) => {
    // Renamed into place, so that the registry never reads half a file.
    const logins = Object.entries({ ...others, [username]: next });
    const lines = logins.map(async ([user, secret]) => `${user}:${await hash(secret, rounds)}\n`);
    await writeFile(`${htpasswd}.new`, (await Promise.all(lines)).join(''));
    await rename(`${htpasswd}.new`, htpasswd);
    current = next;
  };
  await setPassword(password);
  const config = {
    version: '0.1',
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: data } },
    http: { addr: address, ...(tls ? { tls: await writeCertificate(own, tls) } : {}) },
    ...(isPublic
      ? {}
      : { auth: tokens ? { token: await tokenAuth(own, tokens) } : { htpasswd: { realm: host, path: htpasswd } } }),
  };
  await writeFile(join(own, 'config.yaml'), stringify(config));
  const process = startProcess(`registry-${port}`, await tool('registry'), ['serve', join(own, 'config.yaml')], {
    directory,
  });
  try {
    await untilAlive(
      `the registry ${host} answers`,
      [process],
      async () => (await statusOf(url)) === (isPublic ? 200 : 401),
    );
  } catch (error) {
    await process.stop();
    throw error;
  }
  const login = async () => {
    const folder = join(own, 'docker');
    const auth = Buffer.from(`${username}:${current}`).toString('base64');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [address]: { auth } } }));
    return folder;
  };
  return {
    host,
    address,
    username,
    data,
    setPassword,
    login,
    async push(archive, name) {
      const env = { ...globalThis.process.env, DOCKER_CONFIG: await login() };
      await run(await tool('crane'), ['push', '--insecure', archive, `${address}/${name}`], { env });
    },
    stop: () => process.stop(),
    [Symbol.asyncDispose]: () => process.stop(),
  };
}

async function writeCertificate(folder: string, { certificate, key }: Certificate): Promise<object> {
  const files = { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  await writeFile(files.certificate, certificate);
  await writeFile(files.key, key);
  return files;
}

async function tokenAuth(folder: string, { certificate, ...about }: TokenServerOptions): Promise<object> {
  const rootcertbundle = join(folder, 'tokens.crt');
  await writeFile(rootcertbundle, certificate);
  return { ...about, rootcertbundle };
}

/** Whom it trusts is not the point here: whether it is there. */
async function statusOf(url: string): Promise<number> {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  try {
    const { statusCode, body } = await request(url, { dispatcher });
    await body.dump();
    return statusCode;
  } catch {
    return 0;
  } finally {
    await dispatcher.destroy();
  }
}
