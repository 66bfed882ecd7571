import { ApiException } from '@kubernetes/client-node';
import { type Transport, withLogin } from './transport.ts';

/** How long a server may take to begin its answer: milliseconds. */
const headersLimit = 30_000;

export interface LineOptions {
  signal: AbortSignal;
  /** How long nothing may come before the connection counts as dead: milliseconds. */
  silence: number;
}

/**
 * The lines of an answer as they come. Client-node's own watch opens a connection by itself, and knows neither our pool
 * nor a token that was renewed.
 *
 * @throws {ApiException} where the server refuses
 */
export async function* readLines(
  transport: Transport,
  path: string,
  { signal, silence }: LineOptions,
): AsyncGenerator<string> {
  const { dispatcher, origin } = transport;
  const { statusCode, body } = await withLogin(transport, 'watch', (login) =>
    dispatcher.request({
      origin,
      path,
      method: 'GET',
      headers: login,
      headersTimeout: headersLimit,
      bodyTimeout: silence,
      signal: AbortSignal.any([transport.signal, signal]),
    }),
  );
  if (statusCode !== 200) throw new ApiException(statusCode, 'refused', await body.text(), {});
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
