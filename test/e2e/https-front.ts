import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeCertificate } from '../../scripts/cluster/certificate.ts';
import type { Registry } from '../../scripts/cluster/registry.ts';

const run = promisify(execFile);
/** Where pods and this machine find the registries; the API server has the other address of this kind. */
const address = '10.96.0.2';

/** What stands before a registry in most places: it speaks https under the registry's name, and passes everything on. */
export interface HttpsFront extends AsyncDisposable {
  /** The authority of its certificate: PEM, and a file with it. */
  certificate: string;
  caFile: string;
  /** The chart's values with which the job's pods reach it, and trust the ConfigMap `registry-ca`. */
  values: object;
  /** Lets the programs of this machine find it too; the sandbox has its own view of the file. */
  nameOnThisMachine(): Promise<void>;
}

/** @param directory a folder for its files */
export async function startHttpsFront(registries: readonly Registry[], directory: string): Promise<HttpsFront> {
  const names = registries.map(({ host }) => host);
  await run('ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);
  const { certificate, key } = await makeCertificate(names as [string, ...string[]]);
  const caFile = join(directory, 'registry-ca.crt');
  await writeFile(caFile, certificate);
  const front = createServer({ cert: certificate, key }, (incoming, response) => {
    const registry = registries.find(({ host }) => host === incoming.headers.host);
    const [host = '', port] = (registry ?? (registries[0] as Registry)).address.split(':');
    const headers = { ...incoming.headers, 'x-forwarded-proto': 'https' };
    const target = { host, port: Number(port), method: incoming.method, path: incoming.url, headers };
    const onward = request(target, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  });
  front.listen(443, address);
  await once(front, 'listening');
  return {
    certificate,
    caFile,
    values: {
      hostAliases: [{ ip: address, hostnames: names }],
      extraEnv: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/registry-ca/ca.crt' }],
      extraVolumes: [{ name: 'registry-ca', configMap: { name: 'registry-ca' } }],
      extraVolumeMounts: [{ name: 'registry-ca', mountPath: '/etc/registry-ca', readOnly: true }],
    },
    async nameOnThisMachine() {
      const hosts = join(directory, 'hosts');
      await writeFile(hosts, `${await readFile('/etc/hosts', 'utf8')}\n${address} ${names.join(' ')}\n`);
      await run('mount', ['--bind', hosts, '/etc/hosts']);
    },
    async [Symbol.asyncDispose]() {
      front.closeAllConnections();
      front.close();
    },
  };
}

/** What the job's pods mount to trust it. */
export function caConfigMap(namespace: string, { certificate }: HttpsFront): object {
  const metadata = { name: 'registry-ca', namespace };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'ca.crt': certificate } };
}
