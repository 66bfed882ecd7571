import type { Writable } from 'node:stream';

/** How long a line may wait for further ones: milliseconds. */
const longestWait = 50;
/** From how many characters on nothing waits. */
const most = 64 << 10;

/** Where lines go, several at once. */
export interface Output {
  write(text: string): void;
}

/**
 * Writes to a stream what comes in a moment all at once. A run that changes a thousand namespaces tells two thousand
 * lines, and to write each by itself took a fifth of it. What is left when the process ends is written then: standard
 * output of a process on POSIX systems is synchronous, whether a pipe, a file or a terminal.
 */
export function createOutput(stream: Writable, process: NodeJS.EventEmitter): Output {
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting !== '') stream.write(waiting);
    waiting = '';
  };
  process.on('exit', flush);
  return {
    write(text) {
      waiting += text;
      if (waiting.length >= most) flush();
      // It keeps no process alive, since the end of one writes the rest.
      else timer ??= setTimeout(flush, longestWait).unref();
    },
  };
}
