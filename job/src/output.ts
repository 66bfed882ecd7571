import type { Writable } from 'node:stream';

/** How long a line may wait for further ones: milliseconds. */
const longestWait = 50;
/** From how many characters on nothing waits. */
const most = 64 << 10;

/** A line below what is written to a terminal, for all that is written there; empty where there is none. */
export interface Footer {
  line: string;
}

/** Takes away the line that a terminal's cursor is in. */
const eraseLine = '\r\x1b[K';

/** Where lines go, several at once. */
export interface Output {
  write(text: string): void;
  /** Another line for the footer; an empty one ends it. */
  setFooter(line: string): void;
  /** Writes what is left; resolves to the code of the error (`ENOSPC`, `EPIPE`) where some of the output is lost. */
  end(): Promise<string | undefined>;
}

/**
 * Writes to a stream what comes in a moment all at once. A run that changes a thousand namespaces tells two thousand
 * lines, and to write each by itself took a fifth of it. What is left when the process ends is written then: standard
 * output of a process on POSIX systems is synchronous, whether a pipe, a file or a terminal.
 *
 * Where the stream takes nothing, since a disk is full or the reader went away, that ends nothing: what is told is lost,
 * and what is done goes on.
 */
export function createOutput(stream: Writable, process: NodeJS.EventEmitter, footer: Footer = { line: '' }): Output {
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  let fault: string | undefined;
  const note = (error?: NodeJS.ErrnoException | null) => {
    if (error) fault ??= error.code ?? error.name;
  };
  const around = (text: string) => (footer.line === '' ? text : eraseLine + text + footer.line);
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting !== '') stream.write(around(waiting), note);
    waiting = '';
  };
  stream.on('error', note);
  process.on('exit', flush);
  return {
    write(text) {
      waiting += text;
      if (waiting.length >= most) flush();
      // It keeps no process alive, since the end of one writes the rest.
      else timer ??= setTimeout(flush, longestWait).unref();
    },
    setFooter(line) {
      if (line === footer.line) return;
      const before = footer.line === '' ? '' : eraseLine;
      footer.line = line;
      stream.write(before + waiting + line, note);
      waiting = '';
    },
    async end() {
      flush();
      // Called back once all before it is written or failed.
      await new Promise((resolve) => stream.write('', resolve));
      return fault;
    },
  };
}
