import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** Faults that come in place of passing a request on: it takes no effect. */
export const faultsBefore = {
  /** The connection is cut. */
  cutBefore: (response) => response.destroy(),
  /** Too many requests; an API server says this before it looks at one. */
  throttled: (response) => refuse(response, 429, 'TooManyRequests', { 'retry-after': '1' }),
  internalError: (response) => refuse(response, 500, 'InternalError'),
  unavailable: (response) => refuse(response, 503, 'ServiceUnavailable'),
  /** What load balancers say that have lost their way: all is well, and there is no such thing. */
  page: (response) => showPage(response, 200),
  pageNotFound: (response) => showPage(response, 404),
} satisfies Record<string, (response: ServerResponse) => void>;

/** Faults in place of the answer: the request took effect. */
export const faultsAfter = {
  cutAfter: (_, response) => response.destroy(),
  /** The answer ends in its middle. */
  cutHalf: async (answer, response) => {
    const body = await buffer(answer);
    response.writeHead(answer.statusCode ?? 0, { ...answer.headers, 'content-length': String(body.length) });
    response.write(body.subarray(0, body.length / 2), () => response.destroy());
  },
  timeout: (_, response) => refuse(response, 504, 'Timeout'),
} satisfies Record<string, (answer: IncomingMessage, response: ServerResponse) => unknown>;

/**
 * Passes a watch on, and cuts it in the middle of something that it tells.
 *
 * @param isCut asked at each thing that it tells
 */
export function passWatch(answer: IncomingMessage, response: ServerResponse, isCut: () => boolean): void {
  answer.on('data', (chunk: Buffer) => {
    if (response.destroyed) return;
    if (isCut()) response.write(chunk.subarray(0, chunk.length / 2), () => response.destroy());
    else response.write(chunk);
  });
  answer.on('end', () => response.end());
}

function showPage(response: ServerResponse, code: number): void {
  response.writeHead(code, { 'content-type': 'text/html' }).end('<!doctype html><title>Hello</title>');
}

function refuse(response: ServerResponse, code: number, reason: string, headers: object = {}): void {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: `a test says ${reason}`,
    reason,
    code,
  };
  response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(status));
}
