import { remedy } from '../cluster/cluster-error.ts';
import type { Release } from '../config/config.ts';
import { exitCode } from '../exit-code.ts';
import type { Log } from '../log.ts';
import { marks } from '../plan/marks.ts';
import type { NamesInUse } from '../plan/names-in-use.ts';
import type { RunResult } from '../run/run-result.ts';
import { describeConflict, describeEditedCopy, describeWithheld } from './describe.ts';
import { statusName } from './status.ts';
import { isComplete, mostNamed, summarise } from './summary.ts';

export interface ExitOptions {
  /** Turns 1 into 0 as long as something works: a namespace that refuses must not roll a release back. */
  toleratePartial: boolean;
}

/** The one place that decides how a run ends. */
export function decideExitCode(result: RunResult, { toleratePartial }: ExitOptions): number {
  const { targets } = result;
  if (result.standsStill || result.interrupted) return exitCode.incomplete;
  const bad = targets.filter((target) => target.problems.length > 0);
  if (bad.length === targets.length) {
    return bad.some(({ mayRecover }) => mayRecover) ? exitCode.incomplete : exitCode.config;
  }
  if (isComplete(result)) return exitCode.ok;
  return toleratePartial && summarise(result).inLine > 0 ? exitCode.ok : exitCode.incomplete;
}

/** Names every conflict and failure, and ends with one summary line. */
export function logResult(result: RunResult, code: number, log: Log): void {
  logFindings(result, log);
  const level = code === exitCode.ok ? 'info' : 'error';
  log[level](code === exitCode.ok ? 'run finished' : 'run finished with failures', {
    ...summarise(result),
    exitCode: code,
  });
}

/** Names every conflict and failure. */
export function logFindings(result: RunResult, log: Log): void {
  for (const { target, problems } of result.targets) {
    for (const { message, fix } of problems) log.error(message, { target: target.name, fix });
  }
  for (const placement of result.placements) {
    const { namespace, conflicts, failure } = placement;
    for (const conflict of conflicts) log.warn(...describeConflict(placement, conflict));
    if (failure) log.error(failure.message, { namespace, fix: remedy(failure) });
  }
  for (const copy of result.editedCopies.slice(0, mostNamed)) log.warn(...describeEditedCopy(copy));
  if (result.standsStill) {
    log.error('a cleanup of this release is under way, and runs stand still', {
      until: result.config.standStillUntil,
      fix: 'nothing, where the release goes; else run it again after that time',
    });
  }
  for (const withheld of describeWithheld(result)) log.error(...withheld);
  for (const { message, fix } of [...result.problems, ...result.recreated.problems]) log.error(message, { fix });
  if (result.interrupted) {
    log.error('the run was told to stop', { fix: 'run it again; the next run goes on where this one stopped' });
  }
}

/** Names that earlier runs used and no list of the configuration holds any more: what they left nobody removes. */
export function logForgotten({ secrets, serviceAccounts }: NamesInUse, release: Release, log: Log): void {
  const forget = `kubectl delete configmap ${statusName(release)} -n ${release.namespace}`;
  for (const name of secrets) {
    log.warn('a secret name was in use once and is in no list any more', {
      secret: name,
      fix: `put it into previousSecretNames and upgrade: references go at once and copies after retireAfter; the command "remove" deletes every copy of that name, other releases' too (they put theirs back), and "forget" ends this warning where none is left`,
      remove: `kubectl delete secrets --all-namespaces --field-selector metadata.name=${name} -l ${marks.managedBy}=${marks.managedByValue}`,
      forget,
    });
  }
  for (const name of serviceAccounts) {
    log.warn('a ServiceAccount name or glob was in use once and is in no list any more', {
      serviceAccount: name,
      fix: 'put it into previousServiceAccounts and upgrade, which takes our references out; "forget" ends this warning where none is left',
      forget,
    });
  }
}
