import { exitCode } from '../exit-code.ts';
import { formatFields, type Log, type LogFields } from '../log.ts';
import { describeEviction } from '../pods/describe-pod.ts';
import type { PlanResult } from '../run/engine.ts';
import { describeAction, describeConflict, describeWithheld } from './describe.ts';
import { renderPlan } from './templates.ts';

export interface PrintOptions {
  format: 'events' | 'text';
  log: Log;
  write(text: string): void;
}

/** Prints a plan: an event for each action and conflict, or on a terminal a list by namespace. */
export function printPlan(result: PlanResult, { format, log, write }: PrintOptions): void {
  const events = [
    ...result.placements.map((placement) => ({
      name: placement.namespace,
      actions: placement.actions.map((action) => describeAction(placement, action, 'planned')),
      conflicts: placement.conflicts.map((conflict) => describeConflict(placement, conflict)),
    })),
    ...result.stuckPods.map((stuck) => ({
      name: stuck.pod.namespace,
      actions: [describeEviction(stuck, 'planned')],
      conflicts: [],
    })),
  ];
  const summary = {
    namespaces: new Set(result.placements.filter(({ desired }) => desired).map(({ namespace }) => namespace)).size,
    actions: events.flatMap(({ actions }) => actions).length,
    conflicts: events.flatMap(({ conflicts }) => conflicts).length,
  };
  const made = result.problems.length === 0 && result.targets.some(({ content }) => content !== undefined);
  const whole = isWhole(result);
  for (const { message, fix } of result.problems) log.error(message, { fix });
  if (result.withheldRemovals > 0) log.error(...describeWithheld(result));
  if (format === 'events') {
    for (const [message, fields] of events.flatMap(({ actions }) => actions)) log.info(message, fields);
    for (const [message, fields] of events.flatMap(({ conflicts }) => conflicts)) log.warn(message, fields);
    if (!made) log.error('the plan could not be made');
    else if (!whole) log.error('the plan could not be made whole', summary);
    else log.info('plan finished', summary);
    return;
  }
  const lines = ({ actions, conflicts }: (typeof events)[number]) => [...actions, ...conflicts].map(planLine);
  const namespaces = [...Map.groupBy(events, ({ name }) => name)]
    .map(([name, inside]) => ({ name, lines: inside.flatMap(lines) }))
    .filter((namespace) => namespace.lines.length > 0);
  const counts = `${summary.actions} actions in ${summary.namespaces} selected namespaces, ${summary.conflicts} conflicts.`;
  write(renderPlan({ namespaces, summary: made ? counts : '', whole }));
}

/** 0, or with `--exit-code` 2 where something would change; 1 or 78 where the plan could not be made whole. */
export function planExitCode(result: PlanResult, options: { exitCode: boolean }): number {
  if (result.targets.every((target) => target.problems.length > 0 && !target.mayRecover)) return exitCode.config;
  if (!isWhole(result)) return exitCode.incomplete;
  const drift = result.placements.some(({ actions }) => actions.length > 0) || result.stuckPods.length > 0;
  return options.exitCode && drift ? exitCode.drift : exitCode.ok;
}

function isWhole({ targets, problems, withheldRemovals }: PlanResult): boolean {
  return problems.length === 0 && withheldRemovals === 0 && targets.every((target) => target.problems.length === 0);
}

function planLine([message, { namespace: _, ...fields }]: [string, LogFields]): string {
  return [message, ...formatFields(fields)].join('  ');
}
