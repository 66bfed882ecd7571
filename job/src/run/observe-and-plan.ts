import { ClusterError, problemOf } from '../cluster/cluster-error.ts';
import type { Config } from '../config/config.ts';
import type { LoadedTarget } from '../credentials/sources.ts';
import type { Snapshot } from '../plan/observe.ts';
import { isCopyWrite, type Placement } from '../plan/placement.ts';
import { type Plan, plan, planPlacements } from '../plan/plan.ts';
import type { PlanInput } from '../plan/plan-namespace.ts';
import { nothingWithheld } from '../plan/removal-limit.ts';
import { type Removal, removalsOf } from '../plan/removals.ts';
import type { Problem } from '../problem.ts';
import { replacingLogins } from '../registry/copy-logins.ts';
import type { RefusedVersions } from '../registry/refused-logins.ts';
import type { EngineDeps } from './engine-deps.ts';
import { type LookState, lookAt } from './look.ts';

/** What a pass works with. */
export interface PassState extends LookState {
  targets: LoadedTarget[];
  /** The targets of which a look at some namespaces may write a copy; see {@link checkLogins}. */
  cleared?: ReadonlySet<string>;
  refusedVersions?: RefusedVersions;
  /** What was removed lately: it counts with what would be. */
  removedLately?: readonly Removal[];
}

export interface ObservedPlan extends Plan {
  problems: Problem[];
  /** Not where it could not be observed. */
  snapshot?: Snapshot;
  /** Whether all namespaces were looked at. */
  isWhole: boolean;
}

/**
 * Looks at the cluster and plans what to do. Faults are problems of the plan, which is empty then.
 *
 * @param only the namespaces to look at; default: all. Where these alone cannot tell what may be done it looks at all.
 */
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
export function toBeTried(placement: Placement, { verifyCredentials }: Config, snapshot: Snapshot): string[] {
  return verifyCredentials === 'enforce' ? [...replacingLogins([placement], snapshot)] : [];
}

/** What is to be done in all namespaces. */
export function planAll(state: PassState, snapshot: Snapshot, deps: EngineDeps): Plan {
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
export function maskContents(placements: readonly Placement[], { mask }: EngineDeps): void {
  for (const content of new Set(placements.map(({ desired }) => desired?.content))) {
    if (content !== undefined) mask.add(content);
  }
}
