import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { stringify } from 'yaml';
import { tool } from '../tools.ts';
import { until } from '../until.ts';
import { type Process, startProcess } from './process.ts';

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
  const files = await writeFiles(directory, server);
  const processes = [
    await startEtcd(directory, address),
    await startApiServer(directory, address, port, options.address === undefined),
  ];
  const stop = async () => {
    for (const one of processes.toReversed()) await one.stop();
    await rm(directory, { recursive: true });
  };

  try {
    await untilAlive(`the API server at ${server} is ready`, processes, () => isReady(server, files.token));
    // It makes its certificate itself, so its authority is known only now.
    await writeFile(files.kubeconfig, kubeconfig(server, files.token, await readFile(files.caFile)));
    processes.push(await startControllerManager(directory, files.kubeconfig, files.caFile));
    await untilAlive('the default namespace has its ServiceAccount', processes, () =>
      hasServiceAccount(server, files.token),
    );
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
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Waits for a condition and gives up at once where one of the processes ends. */
export function untilAlive(
  what: string,
  processes: readonly Process[],
  condition: () => Promise<boolean>,
): Promise<void> {
  return until(what, () => {
    for (const one of processes) one.assertAlive();
    return condition();
  });
}

/** All of 127.0.0.0/8 is the machine itself, so each control plane has an address, and no two want the same port. */
function ownLoopbackAddress(): string {
  instances += 1;
  return `127.${64 + instances}.${(process.pid >> 8) & 0xff}.${process.pid & 0xff}`;
}

async function writeFiles(directory: string, server: string) {
  const token = randomUUID();
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await mkdir(join(directory, 'certificates'));
  await Promise.all([
    writeFile(join(directory, 'service-account.key'), privateKey),
    writeFile(join(directory, 'service-account.pub'), publicKey),
    writeFile(join(directory, 'tokens.csv'), `${token},admin,admin,system:masters\n`),
    writeFile(join(directory, 'audit-policy.yaml'), stringify(auditPolicy)),
  ]);
  return {
    server,
    token,
    kubeconfig: join(directory, 'admin.kubeconfig'),
    caFile: join(directory, 'certificates', 'apiserver.crt'),
  };
}

async function startEtcd(directory: string, address: string): Promise<Process> {
  const [client, peer] = [`http://${address}:2379`, `http://${address}:2380`];
  const flags = [
    `--data-dir=${join(directory, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
  return startProcess('etcd', await tool('etcd'), flags, { directory });
}

async function startApiServer(directory: string, address: string, port: number, podless: boolean): Promise<Process> {
  const flags = [
    `--etcd-servers=http://${address}:2379`,
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
    `--secure-port=${port}`,
    `--cert-dir=${join(directory, 'certificates')}`,
    `--token-auth-file=${join(directory, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-signing-key-file=${join(directory, 'service-account.key')}`,
    `--service-account-key-file=${join(directory, 'service-account.pub')}`,
    `--audit-policy-file=${join(directory, 'audit-policy.yaml')}`,
    `--audit-log-path=${join(directory, 'audit.log')}`,
    '--kubelet-preferred-address-types=InternalIP',
    // An API server refuses to announce a loopback address to pods; where there are none it need not announce any.
    ...(podless ? ['--endpoint-reconciler-type=none'] : []),
  ];
  return startProcess('kube-apiserver', await tool('kube-apiserver'), flags, { directory });
}

async function startControllerManager(directory: string, kubeconfigFile: string, caFile: string): Promise<Process> {
  const flags = [
    `--kubeconfig=${kubeconfigFile}`,
    `--root-ca-file=${caFile}`,
    `--service-account-private-key-file=${join(directory, 'service-account.key')}`,
    '--leader-elect=false',
    '--secure-port=0',
    // By default it makes about 20 ServiceAccounts a second.
    '--kube-api-qps=1000',
    '--kube-api-burst=2000',
    '--concurrent-serviceaccount-token-syncs=20',
    // It would make the default one in /usr.
    `--flex-volume-plugin-dir=${join(directory, 'volume-plugins')}`,
    '--concurrent-namespace-syncs=20',
  ];
  return startProcess('kube-controller-manager', await tool('kube-controller-manager'), flags, { directory });
}

function kubeconfig(server: string, token: string, ca: Buffer): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'local', cluster: { server, 'certificate-authority-data': ca.toString('base64') } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'admin' } }],
    'current-context': 'local',
  });
}

async function isReady(server: string, token: string): Promise<boolean> {
  return (await statusOf(`${server}/readyz`, token)) === 200;
}

async function hasServiceAccount(server: string, token: string): Promise<boolean> {
  return (await statusOf(`${server}/api/v1/namespaces/default/serviceaccounts/default`, token)) === 200;
}

/** The HTTP status; 0 where nothing answers. The certificate's authority is not known before the server runs. */
async function statusOf(url: string, token: string): Promise<number> {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  try {
    const { statusCode, body } = await request(url, { dispatcher, headers: { authorization: `Bearer ${token}` } });
    await body.dump();
    return statusCode;
  } catch {
    return 0;
  } finally {
    await dispatcher.destroy();
  }
}
