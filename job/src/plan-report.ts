import { describeAction, describeConflict, describeWithheld } from './describe.ts';
import type { PlanResult } from './engine.ts';
import { exitCode } from './exit-code.ts';
import { formatFields, type Log, type LogFields } from './log.ts';
import { renderPlan } from './templates.ts';

export interface PrintOptions {
  format: 'json' | 'text';
  log: Log;
  write(text: string): void;
}

/** Prints a plan: an event for each action and conflict, or on a terminal a list by namespace. */
export function printPlan(result: PlanResult, { format, log, write }: PrintOptions): void {
  const events = result.placements.map((placement) => ({
    name: placement.namespace,
    actions: placement.actions.map((action) => describeAction(placement, action, 'planned')),
    conflicts: placement.conflicts.map((conflict) => describeConflict(placement, conflict)),
  }));
  const summary = {
    namespaces: new Set(result.placements.filter(({ desired }) => desired).map(({ namespace }) => namespace)).size,
    actions: events.flatMap(({ actions }) => actions).length,
    conflicts: events.flatMap(({ conflicts }) => conflicts).length,
  };
  for (const { message, fix } of result.problems) log.error(message, { fix });
  if (result.withheldRemovals > 0) log.error(...describeWithheld(result));
  if (format === 'json') {
    for (const [message, fields] of events.flatMap(({ actions }) => actions)) log.info(message, fields);
    for (const [message, fields] of events.flatMap(({ conflicts }) => conflicts)) log.warn(message, fields);
    log.info('plan finished', summary);
    return;
  }
  const lines = ({ actions, conflicts }: (typeof events)[number]) => [...actions, ...conflicts].map(planLine);
  const namespaces = [...Map.groupBy(events, ({ name }) => name)]
    .map(([name, inside]) => ({ name, lines: inside.flatMap(lines) }))
    .filter((namespace) => namespace.lines.length > 0);
  write(
    renderPlan({
      namespaces,
      summary: `${summary.actions} actions in ${summary.namespaces} selected namespaces, ${summary.conflicts} conflicts.`,
    }),
  );
}

/** 0, or with `--exit-code` 2 where something would change; 1 or 78 where the plan could not be made whole. */
export function planExitCode(
  { placements, targets, problems, withheldRemovals }: PlanResult,
  options: { exitCode: boolean },
): number {
  const bad = targets.filter((target) => target.problems.length > 0);
  if (bad.length === targets.length && !bad.some(({ mayRecover }) => mayRecover)) return exitCode.config;
  if (bad.length > 0 || problems.length > 0 || withheldRemovals > 0) return exitCode.incomplete;
  const drift = placements.some(({ actions }) => actions.length > 0);
  return options.exitCode && drift ? exitCode.drift : exitCode.ok;
}

function planLine([message, { namespace: _, ...fields }]: [string, LogFields]): string {
  return [message, ...formatFields(fields)].join('  ');
}
