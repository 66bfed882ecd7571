import type { Agent, IncomingHttpHeaders } from 'node:http';
import { request as startRequest } from 'node:https';

/** How long a connection may take to come about: milliseconds. */
const connectLimit = 10_000;
/** The code of the error where none came about in that time. */
export const noConnection = 'ERR_NO_CONNECTION';

/** Where a request goes, and by which connections. */
export interface Way {
  origin: Origin;
  /** It decides whether that is HTTP or HTTPS, and keeps connections for the next request. */
  agent: Agent;
}

/** The parts of an address that Node's requests take, so that it is not taken apart for each. */
export interface Origin {
  protocol: string;
  hostname: string;
  port: string;
}

export interface HttpRequest {
  method: string;
  /** With the query. */
  path: string;
  headers: Record<string, string>;
  body?: string | undefined;
}

export interface Answer {
  statusCode: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface Limits {
  /** Ends the request at once. */
  signal: AbortSignal;
  /** How long the whole may take, from the request's first byte to the answer's last: milliseconds. */
  limit: number;
}

/**
 * One request and its whole answer, by Node's own HTTP: it is there when Node starts, where another library has to be loaded
 * and its parser compiled first, which was a fifth of a run with nothing to do.
 *
 * @throws the signal's reason where it ends the request, an Error with a code where there was no answer
 */
export function exchange({ origin, agent }: Way, request: HttpRequest, { signal, limit }: Limits): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { body, headers, ...rest } = request;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const outgoing = startRequest({ ...origin, ...rest, agent, headers: { ...headers, ...length } });

  const release = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
  const fail = (error: Error) => {
    release();
    reject(error);
    outgoing.destroy(error);
  };
  const onAbort = () => fail(signal.reason);
  // One for the whole: Node's own begins anew with each byte, so an answer that trickles would never end.
  const timer = setTimeout(() => fail(new Error(`no whole answer in ${limit / 1000} s`)), limit);
  signal.addEventListener('abort', onAbort);

  outgoing.on('error', fail);
  outgoing.on('socket', (socket) => {
    if (!socket.connecting) return;
    const error = Object.assign(new Error(`no connection in ${connectLimit / 1000} s`), { code: noConnection });
    const connectTimer = setTimeout(() => fail(error), connectLimit);
    for (const event of ['connect', 'close']) socket.once(event, () => clearTimeout(connectTimer));
  });
  outgoing.on('response', (answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk) => chunks.push(chunk));
    answer.on('error', fail);
    answer.on('end', () => {
      release();
      const { statusCode = 0, headers } = answer;
      resolve({ statusCode, headers, text: Buffer.concat(chunks).toString('utf8') });
    });
  });
  if (signal.aborted) onAbort();
  else outgoing.end(body);
  return promise;
}
