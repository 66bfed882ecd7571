import type { Dispatcher, Pool } from 'undici';
import { exitCode } from '../exit-code.ts';
import { ProblemError } from '../problem.ts';

/** An API server, and who we are to it. */
export interface Access {
  server: URL;
  /** What proves the server, and us where a certificate does. */
  tls: NonNullable<Pool.Options['connect']>;
  /** The way to the server, where it leads through a proxy. */
  proxy?: Dispatcher;
  /** The headers that say who we are, read anew where they come from a file or a program. */
  login(): Promise<Record<string, string>>;
}

/** What is wrong with the way to an API server. */
export function accessProblem(message: string, fix: string): ProblemError {
  return new ProblemError({ message, fix }, exitCode.incomplete);
}
