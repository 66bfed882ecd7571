import { ClusterError, problemOf, remedy } from '../cluster/cluster-error.ts';
import type { Config } from '../config/config.ts';
import { type LoadedTarget, withoutContent } from '../credentials/sources.ts';
import { editedCopies } from '../plan/edited-copies.ts';
import { type Snapshot, snapshotOf } from '../plan/observe.ts';
import { isCopyWrite, type Placement } from '../plan/placement.ts';
import { type Plan, plan, planPlacements, withhold } from '../plan/plan.ts';
import type { PlanInput } from '../plan/plan-namespace.ts';
import { nothingWithheld } from '../plan/removal-limit.ts';
import { keyOf, onlyCounted, type Removal, removalsOf } from '../plan/removals.ts';
import { recreateStuckPods } from '../pods/recreate-stuck-pods.ts';
import type { Problem } from '../problem.ts';
import { checkLogins } from '../registry/check-logins.ts';
import { replacingLogins } from '../registry/copy-logins.ts';
import type { RefusedVersions } from '../registry/refused-logins.ts';
import { describeAction } from '../report/describe.ts';
import { recordNames } from '../report/status.ts';
import { inLineWith } from '../report/status-text.ts';
import { apply } from './apply.ts';
import type { EngineDeps } from './engine-deps.ts';
import { type LookState, look, lookAt } from './look.ts';
import { addEditedCopies, addOutcomes, type RunResult } from './run-result.ts';

/** What a pass works with. */
export interface PassState extends LookState {
  targets: LoadedTarget[];
  /** The targets of which a look at some namespaces may write a copy; see {@link checkLogins}. */
  cleared?: ReadonlySet<string>;
  refusedVersions?: RefusedVersions;
  /** What was removed lately: it counts with what would be. */
  removedLately?: readonly Removal[];
}

/**
 * Looks at the cluster and puts right what it finds. What it did is added to `result`.
 *
 * A copy, or a reference to one that stays, goes only where a look at everything showed that it has to, since only that
 * counts how many go. Where the look at one namespace after a conflict shows it first, it is left for the next look at
 * everything; and so is a copy in which a login that nobody tried would take another's place.
 *
 * @returns whether something is left for that
 * @param only the namespaces to look at; default: all. It looks at all, too, where these would go, a login would take
 *   another's place, or a target is not cleared: one namespace cannot tell how many go, nor whether a copy elsewhere holds
 *   the same logins.
 */
export async function runOnce(
  state: PassState,
  result: RunResult,
  deps: EngineDeps,
  only?: ReadonlySet<string>,
): Promise<boolean> {
  const { config } = state;
  const { cluster, clock, random, log, progress, signal } = deps;
  const { problems, snapshot, isWhole, ...wanted } = await observeAndPlan(state, deps, only);
  result.problems.push(...problems);
  if (!snapshot) return false;
  const { targets, cleared, tried, refusedLogins } = isWhole
    ? await checkLogins({ ...state, ...wanted, snapshot }, deps)
    : { targets: state.targets, cleared: state.cleared ?? new Set(), tried: new Set(), refusedLogins: undefined };
  Object.assign(result, { targets, cleared, refusedLogins });
  const planned = refusedLogins?.length ? planAll({ ...state, targets }, snapshot, deps) : wanted;
  const { placements, ...withheld } = planned;
  Object.assign(result, withheld);
  if (targets.every(({ content }) => content === undefined)) return false;
  const removalsIn = (some: readonly Placement[]) => some.flatMap((placement) => removalsOf(placement, config));
  const removals = removalsIn(placements);
  result.removals = [...result.removals, ...removals];
  const counted = new Set(removals.map(keyOf));
  let areLeft = false;
  if (placements.some(({ actions }) => actions.length > 0)) {
    const wereInLine = await beforeFirstWrite({ config, targets }, result, deps);
    const edited = wereInLine ? editedCopies(placements, { rules: config, targets, snapshot }) : [];
    result.editedCopies = addEditedCopies(result.editedCopies, edited);
  }
  const outcomes = await apply(placements, {
    cluster,
    clock,
    random,
    rules: config,
    concurrency: config.concurrency,
    progress,
    signal,
    async planAgain(namespace) {
      const again = snapshotOf([await look(state, deps, [namespace])]);
      // A namespace may have come to another target meanwhile.
      const mayWrite = targets.map((one) => (cleared.has(one.target.name) ? one : withoutContent(one)));
      const planned = planPlacements({ rules: config, targets: mayWrite, snapshot: again, now: clock.now() });
      maskContents(planned, deps);
      const allowed = withhold(planned, withheld, config);
      const triedOnes = allowed.filter((one) => toBeTried(one, config, again).every((key) => tried.has(key)));
      areLeft ||=
        triedOnes.length < allowed.length || removalsIn(triedOnes).some((removal) => !counted.has(keyOf(removal)));
      return onlyCounted(triedOnes, counted, config);
    },
    onDone: (placement, action) => log.info(...describeAction(placement, action, 'done')),
  });
  result.placements = addOutcomes(result.placements, outcomes);
  if (isWhole && config.recreateStuckPods.enabled) await recreateStuckPods({ config, targets }, result, deps);
  return areLeft;
}

/**
 * Puts names on record that no run used before: what a run that is killed leaves can only be found by them.
 *
 * @returns whether every copy was in line with the same configuration and sources at the end of some earlier run
 */
async function beforeFirstWrite(
  { config, targets }: PassState,
  { names }: RunResult,
  deps: EngineDeps,
): Promise<boolean> {
  try {
    const earlier = await recordNames(deps.cluster, config.release, names);
    return earlier.inLineWith !== undefined && earlier.inLineWith === inLineWith(config, targets);
  } catch (error) {
    if (!(error instanceof ClusterError) || error.kind === 'interrupted') throw error;
    // The end of the run writes the status once more, and fails then.
    deps.log.warn(error.message, { fix: remedy(error) });
    return false;
  }
}

interface ObservedPlan extends Plan {
  problems: Problem[];
  /** Not where it could not be observed. */
  snapshot?: Snapshot;
  /** Whether all namespaces were looked at. */
  isWhole: boolean;
}

export async function observeAndPlan(
  state: PassState,
  deps: EngineDeps,
  only?: ReadonlySet<string>,
): Promise<ObservedPlan> {
  try {
    const snapshot = await lookAt(state, deps, only);
    const planned = only ? planPart(state, snapshot, deps, only) : planAll(state, snapshot, deps);
    if (only && planned.placements.some((placement) => needsWhole(placement, state, snapshot)))
      return observeAndPlan(state, deps);
    return { ...planned, problems: [], snapshot, isWhole: !only };
  } catch (error) {
    deps.signal.throwIfAborted();
    const errors = error instanceof AggregateError ? error.errors : [error];
    const problems = errors.map((one) => {
      if (one instanceof ClusterError) return problemOf(one);
      throw one;
    });
    return { placements: [], ...nothingWithheld, problems, isWhole: !only };
  }
}

function needsWhole(placement: Placement, { config, cleared }: PassState, snapshot: Snapshot): boolean {
  const { actions, desired, retired } = placement;
  // The copy of a previous name may hold the logins of several targets.
  const isCleared = desired !== undefined && !retired && cleared?.has(desired.target.name);
  const isUntried = !isCleared || toBeTried(placement, config, snapshot).length > 0;
  return removalsOf(placement, config).length > 0 || (actions.some(isCopyWrite) && isUntried);
}

/** The logins that a placement may only write once they were tried; the others of a target that is cleared are in use. */
function toBeTried(placement: Placement, { verifyCredentials }: Config, snapshot: Snapshot): string[] {
  return verifyCredentials === 'enforce' ? [...replacingLogins([placement], snapshot)] : [];
}

function planAll(state: PassState, snapshot: Snapshot, deps: EngineDeps): Plan {
  const planned = plan(inputOf(state, snapshot, deps));
  maskContents(planned.placements, deps);
  return planned;
}

function planPart(state: PassState, snapshot: Snapshot, deps: EngineDeps, only: ReadonlySet<string>): Plan {
  const namespaces = snapshot.namespaces.filter(({ name }) => only.has(name));
  const placements = planPlacements(inputOf(state, { ...snapshot, namespaces }, deps));
  maskContents(placements, deps);
  return { placements, ...nothingWithheld };
}

function inputOf({ config, targets, removedLately }: PassState, snapshot: Snapshot, { clock }: EngineDeps): PlanInput {
  return { rules: config, targets, snapshot, now: clock.now(), removedLately };
}

/** What is joined of several targets stands in no target's own list of what is confidential. */
function maskContents(placements: readonly Placement[], { mask }: EngineDeps): void {
  for (const content of new Set(placements.map(({ desired }) => desired?.content))) {
    if (content !== undefined) mask.add(content);
  }
}
