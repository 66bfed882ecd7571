import { ClusterError, remedy } from './cluster/cluster-error.ts';
import { exitCode } from './exit-code.ts';
import type { Log } from './log.ts';
import { ProblemError } from './problem.ts';

/**
 * Says why the program ends early; the exit code.
 *
 * @param stopped whether it was told to stop, which is why what it did may have failed
 */
export function sayFailure(error: unknown, log: Log, stopped: boolean): number {
  if (error instanceof AggregateError) return Math.max(...error.errors.map((one) => sayFailure(one, log, stopped)));
  if (error instanceof ProblemError) {
    log.error(error.problem.message, { fix: error.problem.fix });
    return error.exitCode;
  }
  if (error instanceof ClusterError) {
    log.error(error.message, { fix: remedy(error) });
    return exitCode.incomplete;
  }
  if (stopped) {
    log.error('the run was told to stop', { fix: 'run it again; the next run goes on where this one stopped' });
    return exitCode.incomplete;
  }
  // An error that nobody foresaw: its message and stack may quote data, so only its name and place are shown.
  const place = error instanceof Error ? /^\s+at (.*)$/m.exec(error.stack ?? '')?.[1] : undefined;
  log.error('pullsecret-sync failed unexpectedly', {
    error: error instanceof Error ? error.name : typeof error,
    place,
    fix: 'this is a fault of the program: please report it',
  });
  return exitCode.incomplete;
}
