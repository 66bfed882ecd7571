import type { Config, Release } from '../config/config.ts';
import { orSay } from '../or-say.ts';
import { marks } from '../plan/marks.ts';
import type { NamesInUse } from '../plan/names-in-use.ts';
import { observe, observedNames, snapshotOf } from '../plan/observe.ts';
import type { Placement } from '../plan/placement.ts';
import { planPlacements } from '../plan/plan.ts';
import { describeAction } from '../report/describe.ts';
import { readForgotten, statusName } from '../report/status.ts';
import { apply } from './apply.ts';
import type { PlacementOutcome } from './carry-out.ts';
import type { EngineDeps } from './engine-deps.ts';

/** How often what is left is looked for again. */
const looks = 3;
/** API servers go on with an admission policy for a moment after its binding is gone, and it puts references back: milliseconds. */
const policyLimit = 2000;
/** How long Jobs and the follower may take to end, and how often they are asked for: milliseconds. */
const jobsLimit = 60_000;
const jobsInterval = 1000;
/** How long runs stand still for a cleanup that says no more of itself: milliseconds. */
const standStillLimit = 300_000;

/** What a cleanup could not remove. */
export interface CleanupResult {
  release: Release;
  /** Names that the configuration knows no more: what they left was not looked for. */
  forgotten: NamesInUse;
  failures: PlacementOutcome[];
  /** Placements that still have something of ours after the last look. */
  left: Placement[];
}

/**
 * Removes all that this release added to the cluster: first it stops what would put things back (runs, the admission
 * policy), then references and copies go, then it looks again. The CronJob is suspended and the follower deleted only when
 * nothing is left. Until then a mark keeps both from doing anything, and it ends by itself: a cleanup that fails, or is
 * killed, never leaves a release without its schedule. The status goes last, and stays where it knows of names that the
 * configuration has forgotten.
 */
export async function cleanup(deps: EngineDeps): Promise<CleanupResult> {
  const config = await deps.readConfig();
  const { admissionPolicyBinding } = config.objects;
  await standStill(config, deps);
  await using always = new AsyncDisposableStack();
  always.defer(() => orSay(standStill(config, deps, 0), deps.log));
  await untilJobsEnded(config, deps);
  await using onFailure = new AsyncDisposableStack();
  if (admissionPolicyBinding !== undefined) {
    const bindAgain = await deps.cluster.unbindPolicy(admissionPolicyBinding);
    onFailure.defer(() => orSay(bindAgain(), deps.log));
  }
  const result = await removeAll(config, deps);
  if (!isClean(result)) return result;
  if (await endFollower(config, deps)) {
    // What it had under way when it heard of the mark may have come after the last look.
    const again = await removeAll(config, deps);
    if (!isClean(again)) return again;
  }
  const resume = await suspend(config, deps);
  onFailure.defer(() => orSay(resume(), deps.log));
  // The controller of CronJobs may hear of it a moment later, and make one more.
  await deps.clock.sleep(jobsInterval, deps.signal);
  await untilJobsEnded(config, deps);
  // What was made under names that are forgotten is left, and nothing else tells of them.
  if (!knowsMore(result)) await deps.cluster.deleteConfigMap(config.release.namespace, statusName(config.release));
  onFailure.move();
  return result;
}

/** Whether nothing of the release is left where the configuration says that it may be. */
export function isClean({ left }: CleanupResult): boolean {
  return left.length === 0;
}

/** Whether earlier runs used names under which nothing was looked for. */
export function knowsMore({ forgotten: { secrets, serviceAccounts } }: CleanupResult): boolean {
  return secrets.length > 0 || serviceAccounts.length > 0;
}

/** Marks the configuration, so that runs stand still for a while; no milliseconds take the mark off. */
async function standStill(
  { release, objects }: Config,
  { cluster, clock }: EngineDeps,
  milliseconds = standStillLimit,
) {
  if (objects.configMap === undefined) return;
  const until = milliseconds > 0 ? new Date(clock.now().getTime() + milliseconds).toISOString() : null;
  await cluster.annotateConfigMap(release.namespace, objects.configMap, { [marks.standStillUntil]: until });
}

/** Suspends the schedule, and resolves to what lets it go on. */
async function suspend({ release, objects }: Config, { cluster }: EngineDeps): Promise<() => Promise<void>> {
  const { cronJob } = objects;
  const { namespace } = release;
  if (cronJob === undefined || !(await cluster.suspendCronJob(namespace, cronJob, true))) return async () => {};
  return async () => {
    await cluster.suspendCronJob(namespace, cronJob, false);
  };
}

/** Jobs that start from now on stand still, and need not be waited for. */
async function untilJobsEnded(
  { release, objects }: Config,
  { cluster, clock, signal, log }: EngineDeps,
): Promise<void> {
  const { cronJob } = objects;
  if (cronJob === undefined) return;
  const deadline = clock.elapsed() + jobsLimit;
  const first = await cluster.endJobs(release.namespace, cronJob);
  let rest = first;
  while (rest.some((name) => first.includes(name))) {
    if (clock.elapsed() >= deadline) {
      log.warn('Jobs of the schedule do not end', { cronJob, seconds: jobsLimit / 1000 });
      return;
    }
    await clock.sleep(jobsInterval, signal);
    rest = await cluster.endJobs(release.namespace, cronJob);
  }
}

/** Deletes the follower, so that it does not go on when the mark is taken off; whether there was one. */
async function endFollower(
  { release, objects }: Config,
  { cluster, clock, signal, log }: EngineDeps,
): Promise<boolean> {
  const { follower } = objects;
  if (follower === undefined) return false;
  const deadline = clock.elapsed() + jobsLimit;
  let isThere = await cluster.deleteDeployment(release.namespace, follower);
  const was = isThere;
  while (isThere) {
    if (clock.elapsed() >= deadline) {
      log.warn('the follower does not end', { deployment: follower, seconds: jobsLimit / 1000 });
      break;
    }
    await clock.sleep(jobsInterval, signal);
    isThere = await cluster.deleteDeployment(release.namespace, follower);
  }
  return was;
}

async function removeAll(config: Config, deps: EngineDeps): Promise<CleanupResult> {
  const { cluster, clock, random, progress, signal, log } = deps;
  const names = observedNames(config);
  // No target wants anything any more, and every name was in use.
  const rules = { ...config, previousSecretNames: names.secrets };
  const planRemoval = async (namespace?: string) =>
    planPlacements({
      rules,
      targets: [],
      snapshot: snapshotOf([await observe(cluster, names, namespace === undefined ? undefined : [namespace])]),
      now: clock.now(),
    });

  let failures: PlacementOutcome[] = [];
  let left = await planRemoval();
  for (let look = 1; look <= looks && left.length > 0; look++) {
    if (look > 1) await clock.sleep(policyLimit, signal);
    await standStill(config, deps);
    const outcomes = await apply(left, {
      cluster,
      clock,
      random,
      rules,
      concurrency: config.concurrency,
      progress,
      signal,
      planAgain: planRemoval,
      onDone: (placement, action) => log.info(...describeAction(placement, action, 'done')),
    });
    failures = outcomes.filter(({ failure }) => failure);
    left = await planRemoval();
  }
  return { release: config.release, failures, left, forgotten: await readForgotten(cluster, config) };
}
