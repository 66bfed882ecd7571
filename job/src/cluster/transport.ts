import type { IncomingMessage } from 'node:http';
import pRetry from 'p-retry';
import type { Clock } from '../clock.ts';
import { isPage } from './api-status.ts';
import { isCertificateFault } from './certificate-fault.ts';
import { type Answer, exchange, type HttpRequest, noConnection, type Way } from './exchange.ts';

/** How long one try may take in all, from the request's first byte to the answer's last: milliseconds. */
const defaultAnswerLimit = 30_000;
const retries = 4;
/** How long the first retry waits, where the server does not say; each further one twice as long: milliseconds. */
const defaultFirstPause = 200;
/** No server's `Retry-After` keeps a run waiting longer than this: milliseconds. */
const longestRetryAfter = 30_000;

/** No connection came about, so nothing was sent: safe to repeat, whatever the request. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', noConnection]);
/** Answers to a read that are worth another try. */
const faults = new Set([500, 502, 503, 504]);

export interface Transport extends Way {
  /** What comes before each path, where the API server is not at the root of its host. Default: nothing. */
  basePath?: string;
  /**
   * Authorization and the like; asked for each request, so that a renewed token is used.
   *
   * @param refused what the server did not accept: it is read anew, where nobody did so meanwhile
   */
  headers(refused?: Record<string, string>): Promise<Record<string, string>>;
  /** Told of each answer: the verb, the HTTP status, or `none` where there was no answer, and the date as HTTP has it. */
  onAnswer?(verb: string, code: string, date: string | undefined): void;
  /** Ends requests, and the waiting between two tries, at once. */
  signal: AbortSignal;
  /** What `Retry-After` is waited for with. */
  clock: Pick<Clock, 'sleep'>;
  /** Milliseconds; default 30,000. */
  answerLimit?: number;
  /** Milliseconds; default 200. */
  firstPause?: number;
}

/** Makes a request, again where that is safe and may help, and resolves to the server's answer, whatever its status. */
export type Send = (request: HttpRequest) => Promise<Answer>;

/**
 * How the job talks to an API server. Client-node's own way makes a new TLS connection for each call, and knows neither
 * time limits nor retries; its models cost more than the requests do.
 *
 * Reads are repeated on any fault, a page in place of an answer included; writes only where the server cannot have acted on them: no connection, or 429,
 * which it sends before it looks at the request. What else happens to a write is for the engine to look at.
 */
export function createSend(transport: Transport): Send {
  const { signal, firstPause: minTimeout = defaultFirstPause } = transport;
  return async (request) => {
    try {
      return await pRetry(() => attempt(transport, request), {
        retries,
        minTimeout,
        randomize: true,
        signal,
        // Asked only where a retry is left; `onFailedAttempt` would wait before it is known whether there is one.
        async shouldRetry({ error }) {
          if (!worthAnotherTry(error, request.method === 'GET')) return false;
          await waitAsTold(error, transport);
          return true;
        },
      });
    } catch (error) {
      if (error instanceof FaultyAnswer) return error.answer;
      throw error;
    }
  };
}

/** An answer that may be worth another try; when there is none left it is the answer. */
class FaultyAnswer extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`HTTP ${answer.statusCode}`);
    this.answer = answer;
  }
}

async function attempt(transport: Transport, request: HttpRequest): Promise<Answer> {
  const { basePath = '', signal, answerLimit: limit = defaultAnswerLimit } = transport;
  const path = basePath + request.path;
  const answer = await withLogin(transport, request.method.toLowerCase(), (login) =>
    exchange(transport, { ...request, path, headers: { ...request.headers, ...login } }, { signal, limit }),
  );
  if (answer.statusCode === 429 || faults.has(answer.statusCode) || isPage(answer.text)) throw new FaultyAnswer(answer);
  return answer;
}

/** A token that expired is read anew, and where there is another one the request is made once more. */
export async function withLogin<Response extends Pick<IncomingMessage, 'statusCode' | 'headers'>>(
  { headers, onAnswer }: Pick<Transport, 'headers' | 'onAnswer'>,
  verb: string,
  request: (login: Record<string, string>) => Promise<Response>,
  discard?: (refusal: Response) => void,
): Promise<Response> {
  const ask = async (login: Record<string, string>) => {
    let code = 'none';
    let date: string | undefined;
    try {
      const response = await request(login);
      code = String(response.statusCode);
      date = response.headers.date;
      return response;
    } finally {
      onAnswer?.(verb, code, date);
    }
  };
  const login = await headers();
  const response = await ask(login);
  if (response.statusCode !== 401) return response;
  const renewed = await headers(login);
  if (renewed.authorization === login.authorization) return response;
  discard?.(response);
  return ask(renewed);
}

function worthAnotherTry(error: Error, read: boolean): boolean {
  if (error instanceof FaultyAnswer) return read || error.answer.statusCode === 429;
  const code = errorCode(error);
  return neverSent.has(code) || (read && !isCertificateFault(code));
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
