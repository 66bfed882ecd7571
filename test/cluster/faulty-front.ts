import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { createProxyServer } from 'httpxy';
import { makeCertificate } from '../../scripts/cluster/certificate.ts';
import type { ControlPlane } from '../../scripts/cluster/control-plane.ts';
import type { Random } from '../simulation/random.ts';
import { dealFaults, type FaultKind } from './fault-dealer.ts';
import { faultsAfter, faultsBefore, passWatch } from './fault-kinds.ts';

/** How long nobody can connect, and how long a late request is under way at most: milliseconds. */
const refusal = 300;
const longestDelay = 500;

/** When something is to happen: as the so-manieth request from now on comes, or took effect and is not answered yet. */
export interface Moment {
  request: number;
  stage: 'arrived' | 'done';
}

/** What stands between a program and the API server, and lets things go wrong. */
export interface FaultyFront extends AsyncDisposable {
  /** Its address, and the authority of its certificate (PEM). */
  server: string;
  authority: string;
  /** How often something goes wrong: 0 never, which it begins with, 1 always. */
  rate: number;
  /** How often each kind of fault was. */
  counts: ReadonlyMap<FaultKind, number>;
  at(moment: Moment, act: () => void): void;
}

/** @param address one of the loopback network that nobody else has */
export async function startFaultyFront(
  controlPlane: ControlPlane,
  address: string,
  random: Random,
): Promise<FaultyFront> {
  const { certificate, key } = await makeCertificate([address]);
  const { counts, ...deal } = dealFaults(random, () => front.rate);
  const faults = new WeakMap<IncomingMessage, FaultKind>();
  let moments: Array<Moment & { act(): void }> = [];
  const reached = (stage: Moment['stage']) => {
    const now = moments.filter((one) => one.stage === stage && --one.request === 0);
    moments = moments.filter((one) => !now.includes(one));
    for (const { act } of now) act();
  };

  const agent = new Agent({ keepAlive: true });
  const { hostname: host, port } = new URL(controlPlane.server);
  const target = { protocol: 'https:', host, port, ca: await readFile(controlPlane.caFile, 'utf8') };
  const proxy = createProxyServer({ target, agent, changeOrigin: true, selfHandleResponse: true });
  proxy.on('error', (_error, _request, response) => response?.destroy());
  proxy.on('proxyRes', (answer, request, response) => {
    reached('done');
    const after = entry(faultsAfter, faults.get(request));
    if (after) return void after(answer, response);
    response.writeHead(answer.statusCode ?? 0, answer.headers);
    // A watch has nothing to tell for a while.
    response.flushHeaders();
    if (isWatch(request)) passWatch(answer, response, deal.cut);
    else answer.pipe(response);
  });

  const server = createServer({ cert: certificate, key }, async (request, response) => {
    reached('arrived');
    const fault = isWatch(request) ? deal.forWatch() : deal.forRequest();
    const before = entry(faultsBefore, fault);
    if (before) return void before(response);
    if (fault === 'refused') {
      response.destroy();
      return refuseForAWhile();
    }
    if (fault !== undefined) faults.set(request, fault);
    if (fault === 'late') await setTimeout(random.below(longestDelay));
    await proxy.web(request, response);
  });
  const listen = async (at: number) => {
    server.listen(at, address);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const own = await listen(0);
  const stopListening = () => {
    server.close();
    server.closeAllConnections();
  };
  let isOver = false;
  const refuseForAWhile = async () => {
    if (!server.listening) return;
    stopListening();
    await setTimeout(refusal);
    if (!isOver) await listen(own);
  };

  const front: FaultyFront = {
    server: `https://${address}:${own}`,
    authority: certificate,
    rate: 0,
    counts,
    at: (moment, act) => void moments.push({ ...moment, act }),
    async [Symbol.asyncDispose]() {
      isOver = true;
      stopListening();
      agent.destroy();
    },
  };
  return front;
}

function isWatch({ url = '' }: IncomingMessage): boolean {
  return new URLSearchParams(url.split('?')[1]).get('watch') === 'true';
}

function entry<Value>(record: Record<string, Value>, key: string | undefined): Value | undefined {
  return key !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
