import { join } from 'node:path';
import { tool } from '../tools.ts';
import { type Process, startProcess } from './process.ts';

export async function startEtcd(directory: string, address: string): Promise<Process> {
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

export async function startApiServer(
  directory: string,
  address: string,
  port: number,
  podless: boolean,
): Promise<Process> {
  const flags = [
    `--etcd-servers=http://${address}:2379`,
    // Tests look at what was stored, and replaced, from the beginning on.
    '--etcd-compaction-interval=30m',
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
    `--secure-port=${port}`,
    // It would make keys of RSA for itself, which takes a tenth of its start, and some of each connection.
    `--tls-cert-file=${join(directory, 'apiserver.crt')}`,
    `--tls-private-key-file=${join(directory, 'apiserver.key')}`,
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

export async function startControllerManager(
  directory: string,
  kubeconfigFile: string,
  caFile: string,
): Promise<Process> {
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
