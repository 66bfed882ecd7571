import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type ApiAccess, hasServiceAccount, isReady } from './api-probe.ts';
import { makeCertificate } from './certificate.ts';
import { startApiServer, startControllerManager, startEtcd } from './control-plane-programs.ts';
import { type Process, untilAlive } from './process.ts';
import { serviceAddress } from './service-address.ts';

/** etcd, kube-apiserver and kube-controller-manager: namespaces, ServiceAccounts and CronJobs live, no pod runs. */
export interface ControlPlane extends AsyncDisposable {
  /** The administrator's kubeconfig file. */
  kubeconfig: string;
  /** The API server's address. */
  server: string;
  /** The API server's certificate authority: a file. */
  caFile: string;
  /** Where everything lies, logs included; `stop` removes it. */
  directory: string;
  /** The API server's audit log: one JSON object a line for each request, when it comes in. */
  auditLog: string;
  /** Kills the API server and starts it again; resolves when it is ready. */
  restartApiServer(): Promise<void>;
  /** Kills etcd and starts it again; resolves when the API server is ready with it. */
  restartEtcd(): Promise<void>;
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  /** The API server's address. Default: one of the loopback network that no other control plane has. */
  address?: string;
  /** Default: 6443. */
  port?: number;
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

/**
 * Starts a control plane of its own, ready in about 5 s. To be called in a sandbox, where nothing else listens.
 *
 * @throws an Error with the end of the log of the program that did not start
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const directory = await mkdtemp(join(tmpdir(), 'pullsecret-sync-cluster-'));
  const { address = ownLoopbackAddress(), port = 6443 } = options;
  const server = `https://${address}:${port}`;
  const { certificate, key } = await makeCertificate([address, ...serviceNames]);
  const access = { server, token: randomUUID(), authority: certificate };
  const files = await writeFiles(directory, access, key);
  const starts = [
    () => startEtcd(directory, address),
    () => startApiServer(directory, address, port, options.address === undefined),
  ] as const;
  const processes: Process[] = [];
  for (const start of starts) processes.push(await start());
  const untilReady = () => untilAlive(`the API server at ${server} is ready`, processes, () => isReady(access));
  const restart = async (which: 0 | 1) => {
    await processes[which]?.stop('SIGKILL');
    processes[which] = await starts[which]();
    await untilReady();
  };
  const stop = async () => {
    // Nothing of theirs is kept, so they need not take their second to put it in order.
    await Promise.all(processes.map((one) => one.stop('SIGKILL')));
    await rm(directory, { recursive: true });
  };

  try {
    await untilReady();
    processes.push(await startControllerManager(directory, files.kubeconfig, files.caFile));
    await untilAlive('the default namespace has its ServiceAccount', processes, () => hasServiceAccount(access));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    kubeconfig: files.kubeconfig,
    caFile: files.caFile,
    server,
    directory,
    auditLog: join(directory, 'audit.log'),
    restartApiServer: () => restart(1),
    restartEtcd: () => restart(0),
    stop,
    [Symbol.asyncDispose]: stop,
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
