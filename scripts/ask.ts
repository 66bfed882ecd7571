import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';

/** Asks a question that is to be answered with yes or no. Nothing but a clear no, or the end of the input, is a no. */
export async function ask(
  question: string,
  streams: { input: NodeJS.ReadableStream; output: NodeJS.WritableStream },
): Promise<boolean> {
  const terminal = createInterface(streams);
  try {
    // Ctrl-D ends the input, and then a question is never answered.
    const ended = once(terminal, 'close').then(() => 'no');
    const answer = await Promise.race([terminal.question(`${question} [Y/n] `).catch(() => 'no'), ended]);
    return !/^n/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
