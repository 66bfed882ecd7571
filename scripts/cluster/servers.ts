import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type ApiAccess, isReady } from './api-probe.ts';
import { makeCertificate } from './certificate.ts';
import { startApiServer, startEtcd } from './control-plane-programs.ts';
import { type Process, untilAlive } from './process.ts';
import { serviceAddress } from './service-address.ts';

export interface ServersOptions {
  /** The API server's address. Default: one of the loopback network that no other one has. */
  address?: string;
  /** Default: 6443. */
  port?: number;
}

/** An etcd and an API server on it, with files of their own. */
export interface Servers {
  /** Where everything lies, logs included; `stop` removes it. */
  directory: string;
  access: ApiAccess;
  /** The administrator's kubeconfig file. */
  kubeconfig: string;
  /** The API server's certificate authority: a file. */
  caFile: string;
  /** What runs. */
  processes: Process[];
  /** Starts both; resolves when the API server is ready. */
  start(): Promise<void>;
  /** Kills one and starts it again; resolves when the API server is ready. */
  restart(which: 'etcd' | 'apiServer'): Promise<void>;
  /** Kills all that runs, and removes the directory. */
  stop(): Promise<void>;
}

const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['ResponseStarted', 'ResponseComplete', 'Panic'],
  rules: [{ level: 'Metadata' }],
};

/** By which the pods of a cluster know the API server. */
const serviceNames = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', serviceAddress];

let instances = 0;

/** The folder of etcd's state, in that of the servers. */
export function stateFolder({ directory }: Pick<Servers, 'directory'>): string {
  return join(directory, 'etcd');
}

/** Makes the files of both, and starts neither. */
export async function prepareServers(options: ServersOptions = {}): Promise<Servers> {
  const directory = await mkdtemp(join(tmpdir(), 'pullsecret-sync-cluster-'));
  const { address = ownLoopbackAddress(), port = 6443 } = options;
  const { certificate, key } = await makeCertificate([address, ...serviceNames]);
  const access = { server: `https://${address}:${port}`, token: randomUUID(), authority: certificate };
  const files = await writeFiles(directory, access, key);
  const processes: Process[] = [];
  const starts = [
    () => startEtcd(directory, address),
    () => startApiServer(directory, address, port, options.address === undefined),
  ] as const;
  const untilReady = () => untilAlive(`the API server at ${access.server} is ready`, processes, () => isReady(access));
  return {
    directory,
    access,
    ...files,
    processes,
    async start() {
      for (const start of starts) processes.push(await start());
      await untilReady();
    },
    async restart(which) {
      const index = which === 'etcd' ? 0 : 1;
      await processes[index]?.stop('SIGKILL');
      processes[index] = await starts[index]();
      await untilReady();
    },
    async stop() {
      // Nothing of theirs is kept, so they need not take their second to put it in order.
      await Promise.all(processes.map((one) => one.stop('SIGKILL')));
      await rm(directory, { recursive: true });
    },
  };
}

/** All of 127.0.0.0/8 is the machine itself, so each control plane has an address, and no two want the same port. */
function ownLoopbackAddress(): string {
  instances += 1;
  return `127.${64 + instances}.${(process.pid >> 8) & 0xff}.${process.pid & 0xff}`;
}

/** @param key of the API server's certificate, which is its own authority */
async function writeFiles(directory: string, access: ApiAccess, key: string) {
  const files = { kubeconfig: join(directory, 'admin.kubeconfig'), caFile: join(directory, 'apiserver.crt') };
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await Promise.all([
    writeFile(files.caFile, access.authority),
    writeFile(join(directory, 'apiserver.key'), key),
    writeFile(files.kubeconfig, kubeconfig(access)),
    writeFile(join(directory, 'service-account.key'), privateKey),
    writeFile(join(directory, 'service-account.pub'), publicKey),
    writeFile(join(directory, 'tokens.csv'), `${access.token},admin,admin,system:masters\n`),
    writeFile(join(directory, 'audit-policy.yaml'), stringify(auditPolicy)),
  ]);
  return files;
}

function kubeconfig({ server, token, authority }: ApiAccess): string {
  const cluster = { server, 'certificate-authority-data': Buffer.from(authority).toString('base64') };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'local', cluster }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'admin' } }],
    'current-context': 'local',
  });
}
