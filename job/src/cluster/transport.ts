import { type HttpLibrary, type RequestContext, ResponseContext, wrapHttpLibrary } from '@kubernetes/client-node';
import pRetry from 'p-retry';
import type { Dispatcher } from 'undici';
import type { Clock } from '../clock.ts';

/** How long one try may take in all, from the request's first byte to the answer's last: milliseconds. */
const defaultAnswerLimit = 30_000;
const retries = 4;
/** How long the first retry waits, where the server does not say; each further one twice as long: milliseconds. */
const defaultFirstPause = 200;
/** No server's `Retry-After` keeps a run waiting longer than this: milliseconds. */
const longestRetryAfter = 30_000;

/** No connection came about, so nothing was sent: safe to repeat, whatever the request. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** Answers to a read that are worth another try. */
const faults = new Set([500, 502, 503, 504]);

export interface Transport {
  /** One pool of connections for everything. Where the API server lives. */
  dispatcher: Dispatcher;
  origin: string;
  /**
   * Authorization and the like; asked for each request, so that a renewed token is used.
   *
   * @param refused what the server did not accept: it is read anew, where nobody did so meanwhile
   */
  headers(refused?: Record<string, string>): Promise<Record<string, string>>;
  /** Told of each answer: the verb and the HTTP status, or `none` where there was no answer. */
  onAnswer?(verb: string, code: string): void;
  /** Ends requests, and the waiting between two tries, at once. */
  signal: AbortSignal;
  /** What `Retry-After` is waited for with. */
  clock: Pick<Clock, 'sleep'>;
  /** Milliseconds; default 30,000. */
  answerLimit?: number;
  /** Milliseconds; default 200. */
  firstPause?: number;
}

/**
 * The HTTP library under client-node. Client-node's own makes a new dispatcher, and so a new TLS connection, for each
 * call, and knows neither time limits nor retries.
 *
 * Reads are repeated on any fault; writes only where the server cannot have acted on them: no connection, or 429,
 * which it sends before it looks at the request. What else happens to a write is for the engine to look at.
 */
export function createHttpLibrary(transport: Transport): HttpLibrary {
  const { signal, firstPause: minTimeout = defaultFirstPause } = transport;
  return wrapHttpLibrary({
    async send(request) {
      try {
        return await pRetry(() => attempt(transport, request), {
          retries,
          minTimeout,
          randomize: true,
          signal,
          // Asked only where a retry is left; `onFailedAttempt` would wait before it is known whether there is one.
          async shouldRetry({ error }) {
            if (!worthAnotherTry(error, request.getHttpMethod() === 'GET')) return false;
            await waitAsTold(error, transport);
            return true;
          },
        });
      } catch (error) {
        if (error instanceof FaultyAnswer) return error.answer;
        throw error;
      }
    },
  });
}

/** An answer that may be worth another try; when there is none left it is the answer. */
class FaultyAnswer extends Error {
  readonly answer: ResponseContext;

  constructor(answer: ResponseContext) {
    super(`HTTP ${answer.httpStatusCode}`);
    this.answer = answer;
  }
}

async function attempt(transport: Transport, request: RequestContext): Promise<ResponseContext> {
  const { dispatcher, origin, signal, answerLimit = defaultAnswerLimit } = transport;
  const url = new URL(request.getUrl());
  const body = request.getBody();
  const response = await withLogin(transport, request.getHttpMethod().toLowerCase(), (login) =>
    dispatcher.request({
      origin,
      path: url.pathname + url.search,
      method: request.getHttpMethod() as Dispatcher.HttpMethod,
      headers: { ...request.getHeaders(), ...login },
      ...(typeof body === 'string' ? { body } : {}),
      // A limit for the whole: undici's own begin anew with each byte, so an answer that trickles would never end.
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerLimit)]),
    }),
  );
  const text = await response.body.text();
  const answer = new ResponseContext(response.statusCode, flatten(response.headers), {
    text: async () => text,
    binary: async () => Buffer.from(text),
    stream: () => null,
  });
  if (response.statusCode === 429 || faults.has(response.statusCode)) throw new FaultyAnswer(answer);
  return answer;
}

/** A token that expired is read anew, and where there is another one the request is made once more. */
export async function withLogin(
  { headers, onAnswer }: Pick<Transport, 'headers' | 'onAnswer'>,
  verb: string,
  request: (login: Record<string, string>) => Promise<Dispatcher.ResponseData>,
): Promise<Dispatcher.ResponseData> {
  const ask = async (login: Record<string, string>) => {
    let code = 'none';
    try {
      const response = await request(login);
      code = String(response.statusCode);
      return response;
    } finally {
      onAnswer?.(verb, code);
    }
  };
  const login = await headers();
  const response = await ask(login);
  if (response.statusCode !== 401) return response;
  const renewed = await headers(login);
  if (renewed.authorization === login.authorization) return response;
  await response.body.dump();
  return ask(renewed);
}

function worthAnotherTry(error: Error, read: boolean): boolean {
  if (error instanceof FaultyAnswer) return read || error.answer.httpStatusCode === 429;
  return read || neverSent.has(errorCode(error));
}

async function waitAsTold(error: Error, { clock, signal }: Transport): Promise<void> {
  if (!(error instanceof FaultyAnswer)) return;
  const seconds = Number(error.answer.headers['retry-after']);
  if (seconds > 0) await clock.sleep(Math.min(seconds * 1000, longestRetryAfter), signal);
}

/** The code of a network error, which may be wrapped. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  return errorCode(error.cause);
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
