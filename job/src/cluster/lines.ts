import { type Dispatcher, Pool } from 'undici';
import type { Access } from './access.ts';
import { RefusedLines } from './refused-lines.ts';
import { type Transport, withLogin } from './transport.ts';

/** How long a server may take to begin its answer: milliseconds. */
const headersLimit = 30_000;

export interface LineOptions {
  signal: AbortSignal;
  /** How long nothing may come before the connection counts as dead: milliseconds. */
  silence: number;
}

/** Connections for as many answers as are under way. */
export function poolOfLines(origin: string, connect: Access['tls']): Dispatcher {
  return new Pool(origin, { connect, allowH2: false });
}

/**
 * The lines of an answer as they come. Client-node's own watch opens a connection by itself, and knows neither our pool
 * nor a token that was renewed.
 *
 * @throws {RefusedLines} where the server refuses
 */
export async function* readLines(
  transport: Transport,
  path: string,
  { signal, silence }: LineOptions,
): AsyncGenerator<string> {
  const { dispatcher, origin, basePath = '' } = transport;
  const { statusCode, body } = await withLogin(
    transport,
    'watch',
    (login) =>
      dispatcher.request({
        origin,
        path: basePath + path,
        method: 'GET',
        headers: login,
        headersTimeout: headersLimit,
        bodyTimeout: silence,
        signal: AbortSignal.any([transport.signal, signal]),
      }),
    (refusal) => refusal.body.dump(),
  );
  if (statusCode !== 200) throw new RefusedLines(statusCode, await body.text());
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
