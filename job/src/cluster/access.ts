import type { Agent } from 'node:http';
import { exitCode } from '../exit-code.ts';
import { ProblemError } from '../problem.ts';

/** An API server, and who we are to it. */
export interface Access {
  server: URL;
  /** Makes connections to the server, through a proxy where one is on the way, and proves who we are where a certificate does. */
  agent: Agent;
  /** The headers that say who we are, read anew where they come from a file or a program. */
  login(): Promise<Record<string, string>>;
}

/** What is wrong with the way to an API server. */
export function accessProblem(message: string, fix: string): ProblemError {
  return new ProblemError({ message, fix }, exitCode.incomplete);
}
