import { execFile } from 'node:child_process';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hash } from 'bcryptjs';
import { request } from 'undici';
import { stringify } from 'yaml';
import { tool } from '../tools.ts';
import { startProcess, untilAlive } from './process.ts';

const run = promisify(execFile);
/** bcrypt's cheapest: the password need not withstand anybody. */
const rounds = 4;

/** A private registry: it refuses whoever does not log in, pulls included. */
export interface Registry extends AsyncDisposable {
  /** The name that images have, e.g. `registry.example.com`. */
  host: string;
  /** Where it listens on this machine, e.g. `127.0.0.1:5001`. */
  address: string;
  /** The user who may do everything. */
  username: string;
  /** Changes the password at once. */
  setPassword(password: string): Promise<void>;
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
  /** A folder of its own is made in it. */
  directory: string;
}

export async function startRegistry({ host, port, username, password, directory }: RegistryOptions): Promise<Registry> {
  const own = join(directory, `registry-${port}`);
  const address = `127.0.0.1:${port}`;
  await mkdir(own);
  const htpasswd = join(own, 'htpasswd');
  let current = password;
  const setPassword = async (next: string) => {
    // Renamed into place, so that the registry never reads half a file.
    await writeFile(`${htpasswd}.new`, `${username}:${await hash(next, rounds)}\n`);
    await rename(`${htpasswd}.new`, htpasswd);
    current = next;
  };
  await setPassword(password);
  const config = {
    version: '0.1',
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: join(own, 'data') } },
    http: { addr: address },
    auth: { htpasswd: { realm: host, path: htpasswd } },
  };
  await writeFile(join(own, 'config.yaml'), stringify(config));
  const process = startProcess(`registry-${port}`, await tool('registry'), ['serve', join(own, 'config.yaml')], {
    directory,
  });
  try {
    await untilAlive(`the registry ${host} answers`, [process], async () => (await statusOf(address)) === 401);
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

async function statusOf(address: string): Promise<number> {
  try {
    const { statusCode, body } = await request(`http://${address}/v2/`);
    await body.dump();
    return statusCode;
  } catch {
    return 0;
  }
}
