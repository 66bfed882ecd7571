import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { atMost, type Bench } from './figure.ts';
import { startLandscape } from './landscape.ts';
import { measure } from './measure.ts';

/** What the chart sets by default. */
const concurrency = 16;
const size = 200;

/** Counts the connections of a run that fills namespaces, by standing between it and the API server. */
export const connectionsBench: Bench = async ({ say }) => {
  await using landscape = await startLandscape();
  await landscape.grow(size);
  const { hostname, port } = new URL(landscape.cluster.controlPlane.server);
  const open = new Set<Socket>();
  let [made, most] = [0, 0];
  const server = createServer((client) => {
    open.add(client);
    made += 1;
    most = Math.max(most, open.size);
    const upstream = connect(Number(port), hostname);
    client.pipe(upstream).pipe(client);
    client.on('close', () => open.delete(client));
    for (const socket of [client, upstream]) socket.on('error', () => client.destroy());
  });
  server.listen(0, hostname);
  await once(server, 'listening');
  const job = landscape.job('sync');
  const env = { ...job.env, KUBERNETES_SERVICE_PORT: String((server.address() as AddressInfo).port) };

  await measure({ ...job, env }, landscape.directory);
  say('connections counted');
  const left = open.size;
  server.close();

  const details = `${made} made for ${2 * size} writes, ${left} left open at the end`;
  const figure = atMost('Connections to the API server at once', most, concurrency, 'connections', details);
  return { figures: [{ ...figure, reached: figure.reached === true && made <= concurrency && left === 0 }] };
};
