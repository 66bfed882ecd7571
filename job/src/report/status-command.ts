import { ClusterError, problemOf } from '../cluster/cluster-error.ts';
import { orSay } from '../or-say.ts';
import { findStuckPods } from '../pods/recreate-stuck-pods.ts';
import type { StuckPod } from '../pods/stuck-pods.ts';
import { makePlan, type PlanResult } from '../run/engine.ts';
import type { EngineDeps } from '../run/engine-deps.ts';
import { type PrintOptions, planExitCode } from './plan-report.ts';
import { readLastRun } from './status.ts';
import type { LastRun } from './status-text.ts';
import { renderStatus } from './templates.ts';

/** What the cluster looks like now, beside what the last run said. */
export interface StatusResult {
  plan: PlanResult;
  /** `undefined` where no run left a status that can be read. */
  lastRun: LastRun | undefined;
  /** The pods that came before their reference and cannot pull, whatever `recreateStuckPods` says. */
  stuckPods: StuckPod[];
}

/**
 * Looks and changes nothing. It is for a person's own rights: the job's own do not let it see pods, unless
 * `recreateStuckPods` is on; then, as with any other right that is missing, it says what it could not look at.
 */
export async function lookAtStatus(deps: EngineDeps): Promise<StatusResult> {
  const plan = await makePlan(deps);
  const { config, targets } = plan;
  const lastRun = await orSay(readLastRun(deps.cluster, config.release), deps.log);
  // A pod that is made anew before its namespace is in line would wait again.
  const inLine = plan.placements.filter(({ actions }) => actions.length === 0);
  try {
    return { plan, lastRun, stuckPods: await findStuckPods({ config, targets }, inLine, deps.cluster) };
  } catch (error) {
    if (!(error instanceof ClusterError) || error.kind === 'interrupted') throw error;
    plan.problems.push(problemOf(error));
    return { plan, lastRun, stuckPods: [] };
  }
}

export interface ShowOptions extends PrintOptions {
  exitCode: boolean;
}

/** Prints a status: for people with commands to copy, or an event for each target and pod. The exit code is a plan's. */
export function showStatus({ plan, lastRun, stuckPods }: StatusResult, { format, log, write, exitCode }: ShowOptions) {
  for (const { message, fix } of plan.problems) log.error(message, { fix });
  const targets = plan.targets.map(({ target }) => ({
    name: target.name,
    secret: target.secretName,
    ...countsOf(target.name, plan),
  }));
  const writers = lastRun ? writersOf(lastRun) : [];
  const pods = stuckPods.map(({ pod: { namespace, name }, image }) => ({ namespace, name, image }));
  if (format === 'json') {
    if (lastRun) log.info('last run', { finished: lastRun.finished, exitCode: lastRun.exitCode });
    for (const { writer, namespaces, fix } of writers) log.warn('copies were changed', { writer, namespaces, fix });
    for (const { name, ...counts } of targets) log.info('target', { target: name, ...counts });
    for (const { namespace, name, image } of pods) log.warn('stuck pod', { namespace, pod: name, image });
  } else write(renderStatus({ lastRun, writers, targets, pods }));
  return planExitCode(plan, { exitCode });
}

/** By whom, since a patcher changes the copies of every namespace. */
function writersOf({ editedCopies }: LastRun) {
  return [...Map.groupBy(editedCopies, ({ writer }) => writer)].map(([writer, copies]) => ({
    writer,
    namespaces: copies.map(({ namespace }) => namespace).join(', '),
    fix: copies[0]?.fix ?? '',
  }));
}

function countsOf(target: string, { placements }: PlanResult) {
  const wanted = placements.filter(({ desired, retired }) => desired?.target.name === target && !retired);
  return {
    namespaces: wanted.length,
    inLine: wanted.filter(({ actions, desired }) => actions.length === 0 && desired?.content !== undefined).length,
    conflicts: wanted.flatMap(({ conflicts }) => conflicts).length,
  };
}
