import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { createServer as createProxy } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect as connectTo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from '../../job/src/cluster/connection.ts';
import { makeCertificate } from '../../scripts/cluster/certificate.ts';

test('a proxy of the kubeconfig is the way to the API server, by one connection for several requests', async () => {
  await using open = new AsyncDisposableStack();
  const { certificate: cert, key } = await makeCertificate(['127.0.0.1']);
  const server = createServer({ cert, key }, (_, response) => response.end('{}'));
  const tunnels: string[] = [];
  const proxy = createProxy();
  proxy.on('connect', (request, client) => {
    tunnels.push(request.url ?? '');
    const { hostname, port } = new URL(`http://${request.url}`);
    const upstream = connectTo(Number(port), hostname, () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on('error', () => client.destroy());
  });
  for (const one of [server, proxy]) {
    one.listen(0, '127.0.0.1');
    await once(one, 'listening');
    open.defer(() => void one.close());
  }
  const portOf = (one: typeof server | typeof proxy) => (one.address() as AddressInfo).port;
  const folder = open.use(await mkdtempDisposable(join(tmpdir(), 'kubeconfig-')));
  const kubeconfig = join(folder.path, 'config');
  const cluster = {
    server: `https://127.0.0.1:${portOf(server)}`,
    'certificate-authority-data': Buffer.from(cert).toString('base64'),
    'proxy-url': `http://127.0.0.1:${portOf(proxy)}`,
  };
  const document = {
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user: { token: 'x' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  await writeFile(kubeconfig, JSON.stringify(document));
  const connection = await connect({ kubeconfig, userAgent: 'test' });
  open.defer(() => connection.close());
  const { send } = connection.client(new AbortController().signal);

  const answers = [];
  for (let request = 0; request < 3; request++) answers.push(await send({ method: 'GET', path: '/api', headers: {} }));

  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [200, 200, 200],
  );
  assert.deepEqual(tunnels, [`127.0.0.1:${portOf(server)}`]);
});
