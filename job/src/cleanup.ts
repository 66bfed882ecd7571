import { apply, type PlacementOutcome } from './apply.ts';
import type { Config } from './config.ts';
import { describeAction } from './describe.ts';
import type { EngineDeps } from './engine.ts';
import type { NamesInUse } from './names-in-use.ts';
import { observe, observedNames } from './observe.ts';
import type { Placement } from './placement.ts';
import { planPlacements } from './plan.ts';
import { readForgotten, statusName } from './status.ts';

/** How often what is left is looked for again. */
const looks = 3;
/** API servers go on with an admission policy for a moment after its binding is gone, and it puts references back: milliseconds. */
const policyLimit = 2000;
/** How long Jobs may take to end, and how often they are asked for: milliseconds. */
const jobsLimit = 60_000;
const jobsInterval = 1000;

/** What a cleanup could not remove. */
export interface CleanupResult {
  /** Names that the configuration knows no more: what they left was not looked for. */
  forgotten: NamesInUse;
  failures: PlacementOutcome[];
  /** Placements that still have something of ours after the last look. */
  left: Placement[];
}

/**
 * Removes all that this release added to the cluster: first what would put things back (schedule, running Jobs, admission
 * policy), then references and copies, then it looks again. Where it does not succeed the schedule goes on, since then
 * the release is still there.
 */
export async function cleanup(deps: EngineDeps): Promise<CleanupResult> {
  const config = await deps.readConfig();
  const { cluster } = deps;
  const { release } = config;
  const suspended = await cluster.suspendSchedule(release);
  try {
    await untilJobsEnded(config, deps);
    await cluster.unbindPolicy(release);
    const result = await removeAll(config, deps);
    if (isClean(result)) await cluster.deleteConfigMap(release.namespace, statusName(release));
    else await cluster.resumeSchedule(release, suspended);
    return result;
  } catch (error) {
    await cluster.resumeSchedule(release, suspended);
    throw error;
  }
}

/** Whether nothing of the release is left, as far as any name tells. */
export function isClean({ failures, left, forgotten }: CleanupResult): boolean {
  return [failures, left, forgotten.secrets, forgotten.serviceAccounts].every((list) => list.length === 0);
}

async function untilJobsEnded({ release }: Config, { cluster, clock, signal }: EngineDeps): Promise<void> {
  const deadline = clock.now().getTime() + jobsLimit;
  while ((await cluster.endJobs(release)) > 0 && clock.now().getTime() < deadline) {
    await clock.sleep(jobsInterval, signal);
  }
}

async function removeAll(config: Config, deps: EngineDeps): Promise<CleanupResult> {
  const { cluster, clock, random, signal, log } = deps;
  const names = observedNames(config);
  // No target wants anything any more, and every name was in use.
  const rules = { ...config, previousSecretNames: names.secrets };
  const planRemoval = async (namespace?: string) =>
    planPlacements({ rules, targets: [], snapshot: await observe(cluster, names, namespace), now: clock.now() });

  let failures: PlacementOutcome[] = [];
  let left = await planRemoval();
  for (let look = 1; look <= looks && left.length > 0; look++) {
    if (look > 1) await clock.sleep(policyLimit, signal);
    const outcomes = await apply(left, {
      cluster,
      clock,
      random,
      rules,
      concurrency: config.concurrency,
      signal,
      planAgain: planRemoval,
      onDone: (placement, action) => log.info(...describeAction(placement, action, 'done')),
    });
    failures = outcomes.filter(({ failure }) => failure);
    left = await planRemoval();
  }
  return { failures, left, forgotten: await readForgotten(cluster, config) };
}
