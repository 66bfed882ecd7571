import { remedy } from './cluster-error.ts';
import { describeConflict } from './describe.ts';
import type { RunResult } from './engine.ts';
import { exitCode } from './exit-code.ts';
import type { Log } from './log.ts';

/** A run in numbers. */
export interface Summary {
  /** Namespaces that a target selects. */
  namespaces: number;
  /** Of these, the ones that are as they should be; with a kept conflict too. */
  inLine: number;
  failed: number;
  conflicts: number;
  copiesCreated: number;
  copiesUpdated: number;
  copiesReplaced: number;
  referencesAdded: number;
}

export function summarise({ namespaces }: RunResult): Summary {
  const actions = namespaces.flatMap(({ done }) => done);
  const count = (kind: string) => actions.filter((action) => action.kind === kind).length;
  const inLine = namespaces.filter(({ failure, desired }) => !failure && desired.content !== undefined).length;
  return {
    namespaces: namespaces.length,
    inLine,
    failed: namespaces.length - inLine,
    conflicts: namespaces.flatMap(({ conflicts }) => conflicts).length,
    copiesCreated: count('createCopy'),
    copiesUpdated: count('updateCopy'),
    copiesReplaced: count('replaceCopy'),
    referencesAdded: count('addReference'),
  };
}

export interface ExitOptions {
  /** Turns 1 into 0 as long as something works: a namespace that refuses must not roll a release back. */
  toleratePartial: boolean;
}

/** The one place that decides how a run ends. */
export function decideExitCode(result: RunResult, { toleratePartial }: ExitOptions): number {
  const { targets, problems } = result;
  const { inLine, failed } = summarise(result);
  const bad = targets.filter((target) => target.problems.length > 0);
  if (bad.length === targets.length) {
    return bad.some(({ mayRecover }) => mayRecover) ? exitCode.incomplete : exitCode.config;
  }
  if (bad.length === 0 && problems.length === 0 && failed === 0) return exitCode.ok;
  return toleratePartial && inLine > 0 ? exitCode.ok : exitCode.incomplete;
}

/** Names every conflict and failure, and ends with one summary line. */
export function logResult(result: RunResult, code: number, log: Log): void {
  for (const { namespace, desired, conflicts, failure } of result.namespaces) {
    const { secretName } = desired.target;
    for (const conflict of conflicts) log.warn(...describeConflict(namespace, secretName, conflict));
    if (failure) log.error(failure.message, { namespace, fix: remedy(failure) });
  }
  for (const { message, fix } of result.problems) log.error(message, { fix });
  const level = code === exitCode.ok ? 'info' : 'error';
  log[level](code === exitCode.ok ? 'run finished' : 'run finished with failures', {
    ...summarise(result),
    exitCode: code,
  });
}
