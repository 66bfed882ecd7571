import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../until.ts';

/** How long a process may take to end when it is asked to: milliseconds. */
const patience = 10_000;
const shownLines = 15;

/** A program that runs beside us until it is stopped. */
export interface Process extends AsyncDisposable {
  name: string;
  /** @throws an Error with the end of its log where it has ended by itself */
  assertAlive(): void;
  /** @param signal default: SIGTERM, which lets it put its things in order */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface ProcessOptions {
  /** The folder for its log, `<name>.log`. */
  directory: string;
  env?: NodeJS.ProcessEnv;
}

/** Starts a program; what it prints goes to its log. */
export function startProcess(name: string, command: string, args: readonly string[], options: ProcessOptions): Process {
  const logFile = join(options.directory, `${name}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { stdio: ['ignore', log, log], env: { ...process.env, ...options.env } });
  closeSync(log);
  // A test that fails before it can stop this one ends all the same, and the sandbox with it.
  child.unref();
  const spawnFailure = new Promise<Error>((resolve) => child.once('error', resolve));
  let failure: Error | undefined;
  spawnFailure.then((error) => {
    failure = error;
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (failure || hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), patience);
    await ended;
    clearTimeout(timer);
  };
  return {
    name,
    assertAlive() {
      if (!failure && !hasEnded(child)) return;
      const end = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-shownLines).join('\n');
      throw new Error(
        `${name} ended (${failure?.message ?? child.exitCode ?? child.signalCode}); its log ends with:\n${end}`,
      );
    },
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}

/** Waits for a condition and gives up at once where one of the processes ends. */
export function untilAlive(
  what: string,
  processes: readonly Process[],
  condition: () => Promise<boolean>,
): Promise<void> {
  return until(what, () => {
    for (const one of processes) one.assertAlive();
    return condition();
  });
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
