import type { NamespaceRecord } from '../cluster/cluster.ts';
import { ClusterError, problemOf } from '../cluster/cluster-error.ts';
import type { Config } from '../config/config.ts';
import { awaitSources, type LoadedTarget, loadTargets } from '../credentials/sources.ts';
import { allNames } from '../plan/names-in-use.ts';
import type { Placement } from '../plan/placement.ts';
import { nothingWithheld, type WithheldRemovals } from '../plan/removal-limit.ts';
import { planEvictions } from '../pods/recreate-stuck-pods.ts';
import type { StuckPod } from '../pods/stuck-pods.ts';
import { type Problem, ProblemError } from '../problem.ts';
import { askedOnce } from '../registry/registry-login.ts';
import type { EngineDeps } from './engine-deps.ts';
import { observeAndPlan, type PassState } from './observe-and-plan.ts';
import { runOnce } from './pass.ts';
import { emptyResult, type RunResult } from './run-result.ts';
import { isAnyUsable, isInterruption, noteTarget, standsStill } from './run-rules.ts';

/** A run that is overtaken by a change starts over; this often at most, so that a source that never rests ends it too. */
const rounds = 5;

/** What a run would do. */
export interface PlanResult extends WithheldRemovals {
  config: Config;
  targets: LoadedTarget[];
  /** All that there are, selected or not; none where they could not be looked at. */
  namespaces: NamespaceRecord[];
  placements: Placement[];
  /** Pods that a run would evict then. */
  stuckPods: StuckPod[];
  problems: Problem[];
}

interface State extends PassState {
  /** Until when sources that are not there yet are waited for, as the clock's `elapsed` tells it. */
  deadline: number;
}

/** One pass without writes: observe and plan. Sources that are not there yet are waited for first. */
export async function makePlan(deps: EngineDeps): Promise<PlanResult> {
  const config = await deps.readConfig();
  let state = stateOf(config, await loadTargets(config, deps), deps);
  for (;;) {
    const later = await withLateSources(state, deps);
    if (!later) break;
    state = later;
  }
  const { targets } = state;
  for (const loaded of targets) {
    noteTarget(loaded, deps);
    for (const { message, fix } of loaded.problems) deps.log.error(message, { target: loaded.target.name, fix });
  }
  const nothing = {
    config,
    targets,
    namespaces: [],
    placements: [],
    ...nothingWithheld,
    stuckPods: [],
    problems: [],
  };
  if (!isAnyUsable(targets)) return nothing;
  const { snapshot, problems, isWhole: _, ...plan } = await observeAndPlan(state, deps);
  const planned = { ...nothing, namespaces: snapshot?.namespaces ?? [], ...plan };
  if (problems.length > 0) return { ...planned, problems };
  const pods = await planEvictions(state, plan.placements, deps);
  return { ...planned, stuckPods: pods.stuck, problems: pods.problems };
}

/**
 * Observe, plan, apply; for the targets whose sources are there at once, and again when a late one arrives. Before it ends
 * it reads the configuration and the sources' versions again and starts over with the new ones if they changed. So an old
 * run that overlaps an upgrade ends in the new state, with no lock.
 *
 * @throws {ProblemError} where the configuration cannot be used
 */
export async function run(given: EngineDeps): Promise<RunResult> {
  const deps = { ...given, registries: askedOnce(given.registries) };
  const config = await deps.readConfig();
  const result = emptyResult(config);
  if (standsStill(config, deps)) return { ...result, standsStill: true };
  try {
    await runToEnd(stateOf(config, await loadTargets(config, deps), deps), result, deps);
  } catch (error) {
    if (!deps.signal.aborted || !isInterruption(error)) throw error;
  }
  return { ...result, interrupted: deps.signal.aborted };
}

/** Passes, one after the other, until nothing is new. Whatever ends them, `result` holds what was done so far. */
async function runToEnd(first: State, result: RunResult, deps: EngineDeps): Promise<void> {
  let state = first;
  for (let changes = 0; ; ) {
    result.config = state.config;
    result.targets = state.targets;
    result.names = allNames(state.config, result.names);
    for (const target of state.targets) noteTarget(target, deps);
    const counted = { ...state, removedLately: result.removals };
    const areLeft = isAnyUsable(state.targets) && (await runOnce(counted, result, deps));
    if (result.problems.length > 0) return;

    const late = await withLateSources(state, deps);
    if (late) {
      state = late;
      continue;
    }
    if (!isAnyUsable(state.targets)) return;
    const changed = await readAgain(state, result, deps);
    const isOver = !areLeft || result.standsStill || result.problems.length > 0;
    if (!changed && isOver) return;
    changes += 1;
    if (changes === rounds) {
      result.problems.push(neverRests);
      return;
    }
    deps.log.info('configuration, sources or namespaces changed during the run: starting over');
    state = changed ?? state;
  }
}

const neverRests: Problem = {
  message: `the configuration, the sources or what is selected changed during the run, ${rounds} times in a row, and the last change is not in the copies`,
  fix: 'nothing, if it was chance: the next run goes on; else find out what keeps changing the sources, or labels of namespaces',
};

/** The state with what arrived; `undefined` where no source is missing, or none came in time. */
async function withLateSources(state: State, deps: EngineDeps): Promise<State | undefined> {
  const { config, targets, deadline } = state;
  const waiting = targets.filter(({ missing }) => missing).map(({ target }) => target.name);
  const seconds = Math.ceil((deadline - deps.clock.elapsed()) / 1000);
  if (waiting.length === 0 || seconds <= 0) return undefined;
  deps.log.info('waiting for sources that are not there yet', { targets: waiting, seconds });
  const later = await awaitSources(config, targets, deadline, deps);
  return later && { ...state, targets: later };
}

/**
 * The state of now, where it is another one. What cannot be read now stays as the run left it, and is a problem of its
 * target alone. Nothing is waited for.
 */
async function readAgain(state: State, result: RunResult, deps: EngineDeps): Promise<State | undefined> {
  try {
    const config = await deps.readConfig();
    if (standsStill(config, deps)) {
      Object.assign(result, { config, standsStill: true });
      return undefined;
    }
    const targets = await loadTargets(config, deps);
    const before = new Map(state.targets.map((loaded) => [loaded.target.name, loaded]));
    const isNew = ({ target, version, mayRecover }: LoadedTarget) =>
      !mayRecover && version !== before.get(target.name)?.version;
    if (JSON.stringify(config) !== JSON.stringify(state.config)) return stateOf(config, targets, deps);
    if (targets.some(isNew)) return { ...state, targets };
    const unreadable = targets.filter(
      ({ target, mayRecover }) => mayRecover && before.get(target.name)?.mayRecover === false,
    );
    result.problems.push(...unreadable.flatMap(({ problems }) => problems));
  } catch (error) {
    if (isInterruption(error)) throw error;
    if (error instanceof ProblemError) result.problems.push(error.problem);
    else if (error instanceof ClusterError) result.problems.push(problemOf(error));
    else throw error;
  }
  return undefined;
}

function stateOf(config: Config, targets: LoadedTarget[], { clock }: EngineDeps): State {
  return { config, targets, deadline: clock.elapsed() + config.sourceTimeout };
}
