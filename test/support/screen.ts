import { spawn } from 'node:child_process';
import { once } from 'node:events';
import xterm from '@xterm/headless';
import { until } from '../../scripts/until.ts';

/** A program on a real terminal (a pty, by util-linux's `script`), and what a person sees there. */
export interface Screen extends AsyncDisposable {
  /** The lines that are seen, and those that scrolled away, as they were drawn. */
  text(): string;
  /** All that was sent to the terminal, its control sequences too. */
  sent(): string;
  /** Presses keys. */
  type(keys: string): void;
  /** Resolves once the screen shows it. */
  shows(what: RegExp): Promise<void>;
  /** Whether one character of the text is drawn in a colour. */
  isColoured(text: string): boolean;
  /** The exit code, once the program ended. */
  ended: Promise<number>;
}

/** @param command for a shell */
export function openScreen(command: string, env: NodeJS.ProcessEnv, columns = 80, rows = 24): Screen {
  const terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 20_000, allowProposedApi: true });
  const sized = `stty cols ${columns} rows ${rows}; ${command}`;
  const child = spawn('script', ['--quiet', '--return', '--command', sized, '/dev/null'], {
    env: { PATH: process.env.PATH, TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
  });
  let sent = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    sent += chunk;
    terminal.write(chunk);
  });
  // What a terminal answers where a program asks it.
  terminal.onData((answer) => child.stdin.write(answer));
  child.stdin.on('error', () => {});
  const lines = () => {
    const { active } = terminal.buffer;
    return Array.from({ length: active.length }, (_, index) => active.getLine(index));
  };
  const text = () =>
    lines()
      .map((line) => line?.translateToString(true) ?? '')
      .join('\n')
      .trimEnd();
  const ended = once(child, 'close').then(async ([code]) => {
    // Called back once all before it is drawn.
    await new Promise<void>((resolve) => terminal.write('', resolve));
    return code as number;
  });
  return {
    text,
    sent: () => sent,
    type: (keys) => child.stdin.write(keys),
    shows: (what) => until(`the screen shows ${what}`, async () => what.test(text())),
    isColoured: (part) =>
      lines().some((line) => {
        const column = line?.translateToString(true).indexOf(part) ?? -1;
        return column >= 0 && !line?.getCell(column)?.isFgDefault();
      }),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}
