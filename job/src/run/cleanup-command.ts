import { remedy } from '../cluster/cluster-error.ts';
import { exitCode } from '../exit-code.ts';
import { logForgotten } from '../report/report.ts';
import { cleanup, isClean } from './cleanup.ts';
import type { EngineDeps } from './engine-deps.ts';

/** `cleanup` and its report; the exit code. */
export async function cleanupCommand(deps: EngineDeps): Promise<number> {
  const result = await cleanup(deps);
  for (const { namespace, failure } of result.failures) {
    if (failure) deps.log.error(failure.message, { namespace, fix: remedy(failure) });
  }
  logForgotten(result.forgotten, result.release, deps.log);
  const done = isClean(result);
  if (done) deps.log.info('cleanup finished: nothing of this release is left');
  else
    deps.log.error('cleanup finished, and something is left; the schedule goes on', { placements: result.left.length });
  return done ? exitCode.ok : exitCode.incomplete;
}
