import { apply } from './apply.ts';
import type { PlacementOutcome } from './carry-out.ts';
import type { Clock } from './clock.ts';
import type { Cluster } from './cluster.ts';
import { ClusterError, remedy } from './cluster-error.ts';
import type { Config } from './config.ts';
import { describeAction } from './describe.ts';
import type { Log } from './log.ts';
import type { Mask } from './masking.ts';
import { observe, observedNames } from './observe.ts';
import type { Placement } from './placement.ts';
import { plan, planPlacements, withoutRemovals } from './plan.ts';
import { type Problem, ProblemError } from './problem.ts';
import { type LoadedTarget, loadTargets } from './sources.ts';

/** A run that is overtaken by a change starts over; this often at most, so that a source that never rests ends it too. */
const rounds = 5;

/** All that the engine touches, passed in, so that it also runs against a simulated cluster. */
export interface EngineDeps {
  cluster: Cluster;
  clock: Clock;
  /** A number from 0 to 1, as `Math.random`. */
  random(): number;
  /** The configuration as it is now. */
  readConfig(): Promise<Config>;
  readFile(path: string): Promise<Buffer | undefined>;
  log: Log;
  mask: Mask;
  signal: AbortSignal;
}

/** What a run found and did. */
export interface RunResult {
  config: Config;
  targets: LoadedTarget[];
  placements: PlacementOutcome[];
  /** Copies that would have gone, had they not been too many. */
  withheldRemovals: number;
  /** Faults that concern no single namespace: a missing right, an API server that does not answer. */
  problems: Problem[];
  /** A cleanup of the release is under way, so the run did nothing, or nothing more. It counts as not done. */
  standsStill: boolean;
}

/** What a run would do. */
export interface PlanResult {
  config: Config;
  targets: LoadedTarget[];
  placements: Placement[];
  /** Copies that would go, had they not been too many. */
  withheldRemovals: number;
  problems: Problem[];
}

/** One pass without writes: observe and plan. */
export async function makePlan(deps: EngineDeps): Promise<PlanResult> {
  const config = await deps.readConfig();
  const targets = await loadTargets(config, deps);
  for (const target of targets) noteTarget(target, deps);
  if (!isAnyUsable(targets)) return { config, targets, placements: [], withheldRemovals: 0, problems: [] };
  return { config, targets, ...(await observeAndPlan(config, targets, deps)) };
}

/**
 * One pass: observe, plan, apply. Before it ends it reads the configuration and the sources' versions again and starts
 * over with the new ones if they changed. So an old run that overlaps an upgrade ends in the new state, with no lock.
 *
 * @throws {ProblemError} where the configuration cannot be used
 */
export async function run(deps: EngineDeps): Promise<RunResult> {
  let config = await deps.readConfig();
  if (standsStill(config, deps)) return { ...nothing(config, []), standsStill: true };
  let targets = await loadTargets(config, deps);
  for (let round = 1; ; round++) {
    for (const target of targets) noteTarget(target, deps);
    const result = await runOnce(config, targets, deps);
    if (!isAnyUsable(targets) || round === rounds || deps.signal.aborted || result.problems.length > 0) return result;

    const [configNow, targetsNow] = await readAgain(config, targets, result, deps);
    if (standsStill(configNow, deps)) return { ...result, config: configNow, standsStill: true };
    if (sameState([config, targets], [configNow, targetsNow])) return result;
    deps.log.info('configuration or sources changed during the run: starting over');
    config = configNow;
    targets = targetsNow;
  }
}

/** The state of now; where it cannot be read, the state that the run used, and a problem in its result. */
async function readAgain(
  config: Config,
  targets: LoadedTarget[],
  result: RunResult,
  deps: EngineDeps,
): Promise<[Config, LoadedTarget[]]> {
  try {
    const configNow = await deps.readConfig();
    const targetsNow = await loadTargets(configNow, deps);
    const unreadable = targetsNow.filter(({ mayRecover }, index) => mayRecover && !targets[index]?.mayRecover);
    if (unreadable.length === 0) return [configNow, targetsNow];
    result.problems.push(...unreadable.flatMap(({ problems }) => problems));
  } catch (error) {
    if (error instanceof ProblemError) result.problems.push(error.problem);
    else if (error instanceof ClusterError) result.problems.push({ message: error.message, fix: remedy(error) });
    else throw error;
  }
  return [config, targets];
}

async function runOnce(config: Config, targets: LoadedTarget[], deps: EngineDeps): Promise<RunResult> {
  const { cluster, clock, random, log, signal } = deps;
  if (!isAnyUsable(targets)) return nothing(config, targets);
  const { placements, withheldRemovals, problems } = await observeAndPlan(config, targets, deps);
  const outcomes = await apply(placements, {
    cluster,
    clock,
    random,
    rules: config,
    concurrency: config.concurrency,
    signal,
    async planAgain(namespace) {
      const snapshot = await observe(cluster, observedNames(config), namespace);
      const again = planPlacements({ rules: config, targets, snapshot, now: clock.now() });
      maskContents(again, deps);
      return withheldRemovals > 0 ? withoutRemovals(again) : again;
    },
    onDone: (placement, action) => log.info(...describeAction(placement, action, 'done')),
  });
  return { config, targets, placements: outcomes, withheldRemovals, problems, standsStill: false };
}

function nothing(config: Config, targets: LoadedTarget[]): RunResult {
  return { config, targets, placements: [], withheldRemovals: 0, problems: [], standsStill: false };
}

/** A mark that nobody took off again, since a cleanup was killed, holds until its time only. */
function standsStill({ standStillUntil }: Config, { clock }: EngineDeps): boolean {
  return standStillUntil !== undefined && Date.parse(standStillUntil) > clock.now().getTime();
}

async function observeAndPlan(
  config: Config,
  targets: LoadedTarget[],
  deps: EngineDeps,
): Promise<{ placements: Placement[]; withheldRemovals: number; problems: Problem[] }> {
  try {
    const snapshot = await observe(deps.cluster, observedNames(config));
    const planned = plan({ rules: config, targets, snapshot, now: deps.clock.now() });
    maskContents(planned.placements, deps);
    return { ...planned, problems: [] };
  } catch (error) {
    const errors = error instanceof AggregateError ? error.errors : [error];
    const problems = errors.map((one) => {
      if (one instanceof ClusterError) return { message: one.message, fix: remedy(one) };
      throw one;
    });
    return { placements: [], withheldRemovals: 0, problems };
  }
}

function isAnyUsable(targets: readonly LoadedTarget[]): boolean {
  return targets.some(({ content }) => content !== undefined);
}

function noteTarget({ target, confidential, warnings, problems }: LoadedTarget, { log, mask }: EngineDeps): void {
  for (const value of confidential) mask.add(value);
  for (const warning of warnings) log.warn(warning, { target: target.name });
  for (const { message, fix } of problems) log.error(message, { target: target.name, fix });
}

/** What is joined of several targets stands in no target's own list of what is confidential. */
function maskContents(placements: readonly Placement[], { mask }: EngineDeps): void {
  for (const content of new Set(placements.map(({ desired }) => desired?.content))) {
    if (content !== undefined) mask.add(content);
  }
}

function sameState(a: [Config, LoadedTarget[]], b: [Config, LoadedTarget[]]): boolean {
  const state = ([config, targets]: [Config, LoadedTarget[]]) =>
    JSON.stringify([config, targets.map(({ version, problems }) => [version, problems])]);
  return state(a) === state(b);
}
