import { ClusterError, problemOf } from '../cluster/cluster-error.ts';
import type { Log } from '../log.ts';
import { orSay } from '../or-say.ts';
import { findStuckPods } from '../pods/recreate-stuck-pods.ts';
import type { StuckPod } from '../pods/stuck-pods.ts';
import { makePlan, type PlanResult } from '../run/engine.ts';
import type { EngineDeps } from '../run/engine-deps.ts';
import { readLastRun } from './status.ts';
import { type LastRun, writersOf } from './status-text.ts';

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

/** An event for each target and pod, for whoever does not read on a terminal. */
export function logStatus({ plan, lastRun, stuckPods }: StatusResult, log: Log): void {
  for (const { message, fix } of plan.problems) log.error(message, { fix });
  if (lastRun) log.info('last run', { finished: lastRun.finished, exitCode: lastRun.exitCode });
  for (const { writer, namespaces, fix } of lastRun ? writersOf(lastRun) : [])
    log.warn('copies were changed', { writer, namespaces: namespaces.join(', '), fix });
  for (const { target } of plan.targets)
    log.info('target', { target: target.name, secret: target.secretName, ...countsOf(target.name, plan) });
  for (const { pod, image } of stuckPods) log.warn('stuck pod', { namespace: pod.namespace, pod: pod.name, image });
}

function countsOf(target: string, { placements }: PlanResult) {
  const wanted = placements.filter(({ desired, retired }) => desired?.target.name === target && !retired);
  return {
    namespaces: wanted.length,
    inLine: wanted.filter(({ actions, desired }) => actions.length === 0 && desired?.content !== undefined).length,
    conflicts: wanted.flatMap(({ conflicts }) => conflicts).length,
  };
}
