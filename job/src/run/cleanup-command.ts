import { remedy } from '../cluster/cluster-error.ts';
import { exitCode } from '../exit-code.ts';
import { logForgotten } from '../report/report.ts';
import { statusName } from '../report/status.ts';
import { cleanup, isClean, knowsMore } from './cleanup.ts';
import type { EngineDeps } from './engine-deps.ts';

/** `cleanup` and its report; the exit code. */
export async function cleanupCommand(deps: EngineDeps): Promise<number> {
  const result = await cleanup(deps);
  for (const { namespace, failure } of result.failures) {
    if (failure) deps.log.error(failure.message, { namespace, fix: remedy(failure) });
  }
  logForgotten(result.forgotten, result.release, deps.log);
  if (!isClean(result)) {
    deps.log.error('cleanup finished, and something is left; the schedule goes on', { placements: result.left.length });
    return exitCode.incomplete;
  }
  if (knowsMore(result)) {
    const { namespace } = result.release;
    deps.log.info(
      'cleanup finished: nothing is left but what was made under the names above, which the status still holds',
      {
        configMap: `${namespace}/${statusName(result.release)}`,
      },
    );
  } else deps.log.info('cleanup finished: nothing of this release is left');
  return exitCode.ok;
}
