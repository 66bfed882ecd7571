import { exitCode } from '../exit-code.ts';
import type { Log } from '../log.ts';
import { isAnyWithheld } from '../plan/removal-limit.ts';
import { describeEviction } from '../pods/describe-pod.ts';
import type { PlanResult } from '../run/engine.ts';
import { describeAction, describeConflict, describeWithheld } from './describe.ts';

/** An event for each action and conflict of a plan, for whoever does not read on a terminal. */
export function logPlan(result: PlanResult, log: Log): void {
  const { placements, stuckPods, problems, targets } = result;
  const actions = [
    ...placements.flatMap((one) => one.actions.map((action) => describeAction(one, action, 'planned'))),
    ...stuckPods.map((stuck) => describeEviction(stuck, 'planned')),
  ];
  const conflicts = placements.flatMap((one) => one.conflicts.map((conflict) => describeConflict(one, conflict)));
  for (const { message, fix } of problems) log.error(message, { fix });
  for (const withheld of describeWithheld(result)) log.error(...withheld);
  for (const [message, fields] of actions) log.info(message, fields);
  for (const [message, fields] of conflicts) log.warn(message, fields);
  const summary = {
    namespaces: new Set(placements.filter(({ desired }) => desired).map(({ namespace }) => namespace)).size,
    actions: actions.length,
    conflicts: conflicts.length,
  };
  if (problems.length > 0 || targets.every(({ content }) => content === undefined))
    log.error('the plan could not be made');
  else if (!isWhole(result)) log.error('the plan could not be made whole', summary);
  else log.info('plan finished', summary);
}

/** 0, or with `--exit-code` 2 where something would change; 1 or 78 where the plan could not be made whole. */
export function planExitCode(result: PlanResult, options: { exitCode: boolean }): number {
  if (result.targets.every((target) => target.problems.length > 0 && !target.mayRecover)) return exitCode.config;
  if (!isWhole(result)) return exitCode.incomplete;
  const drift = result.placements.some(({ actions }) => actions.length > 0) || result.stuckPods.length > 0;
  return options.exitCode && drift ? exitCode.drift : exitCode.ok;
}

function isWhole({ targets, problems, ...plan }: PlanResult): boolean {
  return problems.length === 0 && !isAnyWithheld(plan) && targets.every((target) => target.problems.length === 0);
}
