/**
 * What went wrong, in words for the person who reads it at three in the morning.
 * Neither field ever holds a credential.
 */
export interface Problem {
  /** What is wrong, where, and why. One sentence without a full stop. */
  message: string;
  /** What to do about it. One sentence without a full stop. */
  fix: string;
}

/** An error whose text is a {@link Problem}; `exitCode` is what the process ends with when nobody handles it. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly problem: Problem;
  readonly exitCode: number;

  constructor(problem: Problem, exitCode: number, options?: ErrorOptions) {
    super(`${problem.message}: ${problem.fix}`, options);
    this.problem = problem;
    this.exitCode = exitCode;
  }
}
