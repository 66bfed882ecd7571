import { ClusterError, remedy } from '../cluster/cluster-error.ts';
import { withoutContent } from '../credentials/sources.ts';
import { editedCopies } from '../plan/edited-copies.ts';
import { snapshotOf } from '../plan/observe.ts';
import type { Placement } from '../plan/placement.ts';
import { planPlacements, withhold } from '../plan/plan.ts';
import { keyOf, onlyCounted, type Removal, removalsOf } from '../plan/removals.ts';
import { recreateStuckPods } from '../pods/recreate-stuck-pods.ts';
import { checkLogins } from '../registry/check-logins.ts';
import { describeAction } from '../report/describe.ts';
import { recordNames } from '../report/status.ts';
import { inLineWith } from '../report/status-text.ts';
import { apply } from './apply.ts';
import type { EngineDeps } from './engine-deps.ts';
import { look } from './look.ts';
import { maskContents, observeAndPlan, type PassState, planAll, toBeTried } from './observe-and-plan.ts';
import { addEditedCopies, addOutcomes, type RunResult } from './run-result.ts';

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
      const certain = allowed.filter((one) => toBeTried(one, config, again).every((key) => tried.has(key)));
      // What is to take the place of something that goes may be among what is left.
      const goes = certain.length < allowed.length ? new Set<string>() : counted;
      const isLeft = (removal: Removal) => !goes.has(keyOf(removal));
      areLeft ||= certain.length < allowed.length || removalsIn(certain).some(isLeft);
      return onlyCounted(certain, goes, config);
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
