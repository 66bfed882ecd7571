import type { Cluster } from '../cluster/cluster.ts';
import type { Release } from '../config/config.ts';
import { UnusableConfigError } from '../config/configuration-source.ts';
import { exitCode } from '../exit-code.ts';
import { orSay } from '../or-say.ts';
import { forgottenNames } from '../plan/names-in-use.ts';
import { decideExitCode, logForgotten, logResult } from '../report/report.ts';
import { writeStatus } from '../report/status.ts';
import type { Ending } from '../report/status-text.ts';
import { writeEvents } from '../report/write-events.ts';
import { run } from './engine.ts';
import type { EngineDeps } from './engine-deps.ts';
import type { RunResult } from './run-result.ts';

export interface SyncOptions {
  /** Ends with 0 where something could not be done, if anything could. */
  toleratePartial: boolean;
}

/**
 * `sync`: a run and its report; the exit code.
 *
 * @param statusCluster for requests that outlive the signal to stop: the status is written after it too
 */
export async function syncCommand(deps: EngineDeps, statusCluster: Cluster, options: SyncOptions): Promise<number> {
  const began = deps.clock.elapsed();
  const writeEnding = async (release: Release, code: number, outcome: Ending['outcome']) => {
    const finished = deps.clock.now();
    const started = new Date(finished.getTime() - (deps.clock.elapsed() - began));
    const ending = { started, finished, exitCode: code, outcome };
    return orSay(writeStatus(statusCluster, release, { ending, mask: deps.mask }), deps.log);
  };
  let result: RunResult;
  try {
    result = await run(deps);
  } catch (error) {
    if (error instanceof UnusableConfigError) await writeEnding(error.release, error.exitCode, error.problem);
    throw error;
  }
  const code = decideExitCode(result, options);
  logResult(result, code, deps.log);
  // The cleanup removes the status, and nobody would remove a later one.
  if (result.standsStill) return code;
  const { config } = result;
  const names = await writeEnding(config.release, code, result);
  await writeEvents(result, deps);
  if (names) logForgotten(forgottenNames(config, names), config.release, deps.log);
  else if (code === exitCode.ok && !options.toleratePartial) return exitCode.incomplete;
  return code;
}
