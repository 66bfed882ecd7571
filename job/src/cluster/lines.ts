import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as startRequest } from 'node:https';
import { RefusedLines } from './refused-lines.ts';
import { type Transport, withLogin } from './transport.ts';

/** How long a server may take to begin its answer, and to end it where it refuses: milliseconds. */
const defaultAnswerLimit = 30_000;

export interface LineOptions {
  signal: AbortSignal;
  /** How long nothing may come before the connection counts as dead: milliseconds. */
  silence: number;
}

/**
 * The lines of an answer as they come. Client-node's own watch knows neither time limits nor a token that was renewed.
 *
 * @throws {RefusedLines} where the server refuses
 */
export async function* readLines(
  transport: Transport,
  path: string,
  { signal, silence }: LineOptions,
): AsyncGenerator<string> {
  const until = AbortSignal.any([transport.signal, signal]);
  const answer = await withLogin(
    transport,
    'watch',
    (login) => begin(transport, path, login, until),
    (refusal) => refusal.destroy(),
  );
  answer.setEncoding('utf8');
  const { statusCode = 0 } = answer;
  if (statusCode !== 200) throw new RefusedLines(statusCode, await wholeText(answer, transport));
  answer.setTimeout(silence, () => answer.destroy(new Error(`silence for ${silence / 1000} s`)));
  let rest = '';
  for await (const chunk of answer) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

async function wholeText(answer: IncomingMessage, { answerLimit = defaultAnswerLimit }: Transport): Promise<string> {
  const timer = setTimeout(() => answer.destroy(noAnswer('no whole answer', answerLimit)), answerLimit);
  try {
    return (await answer.toArray()).join('');
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves once the answer begins; what follows comes as it comes. */
async function begin(
  { origin, agent, basePath = '', answerLimit = defaultAnswerLimit }: Transport,
  path: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const outgoing = startRequest({ ...origin, agent, path: basePath + path, headers, signal });
  // Without it an error after the answer began would have nobody; the answer ends with it as well.
  outgoing.on('error', () => {});
  outgoing.setTimeout(answerLimit, () => outgoing.destroy(noAnswer('no answer', answerLimit)));
  outgoing.end();
  const [answer] = await once(outgoing, 'response');
  outgoing.setTimeout(0);
  return answer;
}

function noAnswer(what: string, limit: number): Error {
  return new Error(`${what} in ${limit / 1000} s`);
}
