import { once } from 'node:events';
import { createServer as createPlainServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import type { Certificate } from '../../scripts/cluster/certificate.ts';

/** No registry: a server that answers as the test wants, also in ways that a real registry cannot be brought to. */
export interface FakeServer extends AsyncDisposable {
  /** Its address and port. */
  host: string;
  /** The logins that it was sent, as they stand in the header. */
  authorizations: string[];
}

/** @param tls default: plain http */
export async function startFakeServer(
  address: string,
  answer: RequestListener,
  tls?: Certificate,
): Promise<FakeServer> {
  const authorizations: string[] = [];
  const listener: RequestListener = (request, response) => {
    if (request.headers.authorization) authorizations.push(request.headers.authorization);
    answer(request, response);
  };
  const server = tls ? createServer({ cert: tls.certificate, key: tls.key }, listener) : createPlainServer(listener);
  return { ...(await listen(server, address)), authorizations };
}

/** It accepts connections and never says anything, not even of TLS. */
export async function startSilentServer(
  address: string,
): Promise<Pick<FakeServer, 'host' | typeof Symbol.asyncDispose>> {
  const connections = new Set<Socket>();
  const server = createTcpServer((socket) => connections.add(socket.on('error', () => {})));
  server.listen(0, address);
  await once(server, 'listening');
  return {
    host: `${address}:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of connections) socket.destroy();
      server.close();
    },
  };
}

/** A forward proxy, and where it was asked to connect to. */
export async function startProxy(address: string): Promise<FakeServer & { connections: string[] }> {
  const connections: string[] = [];
  const authorizations: string[] = [];
  const server = createPlainServer().on('connect', (request: IncomingMessage, client, head) => {
    const target = request.url ?? '';
    connections.push(target);
    const authorization = request.headers['proxy-authorization'];
    if (authorization) authorizations.push(authorization);
    const { hostname, port } = new URL(`http://${target}`);
    const onward = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.write(head);
      onward.pipe(client).pipe(onward);
    });
    for (const socket of [onward, client]) socket.on('error', () => {});
  });
  return { ...(await listen(server, address)), authorizations, connections };
}

async function listen(server: Server, address: string) {
  server.listen(0, address);
  await once(server, 'listening');
  return {
    host: `${address}:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
