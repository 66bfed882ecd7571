import { apply, type PlacementOutcome } from './apply.ts';
import type { Config } from './config.ts';
import { describeAction } from './describe.ts';
import type { EngineDeps } from './engine.ts';
import { observe, observedNames } from './observe.ts';
import type { Placement } from './placement.ts';
import { planPlacements } from './plan.ts';
import { statusName } from './status.ts';

/** How often what is left is looked for again. */
const looks = 3;
/** API servers go on with an admission policy for a moment after its binding is gone, and it puts references back: milliseconds. */
const policyLimit = 2000;
/** How long Jobs may take to end, and how often they are asked for: milliseconds. */
const jobsLimit = 60_000;
const jobsInterval = 1000;

/** What a cleanup could not remove. */
export interface CleanupResult {
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
  await cluster.suspendSchedule(release, true);
  try {
    await untilJobsEnded(config, deps);
    await cluster.unbindPolicy(release);
    const result = await removeAll(config, deps);
    if (result.failures.length === 0 && result.left.length === 0) {
      await cluster.deleteConfigMap(release.namespace, statusName(release));
      return result;
    }
    await cluster.suspendSchedule(release, false);
    return result;
  } catch (error) {
    await cluster.suspendSchedule(release, false).catch(() => undefined);
    throw error;
  }
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
  return { failures, left };
}
