import type { Cluster } from '../cluster/cluster.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import {
  type Action,
  isCopyRemoval,
  isCopyWrite,
  isReferenceChange,
  type Placement,
  type PlanRules,
} from '../plan/placement.ts';
import { patchReferences, removeCopy, writeCopy } from './perform.ts';

export interface CarryOutDeps {
  cluster: Cluster;
  rules: PlanRules;
  signal: AbortSignal;
  /** Told of each action once it is done. */
  onDone(placement: Placement, action: Action): void;
}

/** How one secret name in one namespace ended. */
export interface PlacementOutcome extends Placement {
  done: Action[];
  /** Why it is not as it should be. */
  failure: ClusterError | undefined;
}

/**
 * Does what is to be done in one namespace: copies before the references to them, and references before the copies that
 * go. One failure ends its placement and leaves the others. Notes in the outcomes what is done and what failed.
 */
export async function carryOut(outcomes: readonly PlacementOutcome[], deps: CarryOutDeps): Promise<void> {
  for (const outcome of outcomes) {
    for (const action of outcome.actions.filter(isCopyWrite)) {
      if (!outcome.failure) await step([{ outcome, action }], () => writeCopy(action, outcome, deps), deps);
    }
  }
  const changes = outcomes.flatMap((outcome) =>
    outcome.actions.filter(isReferenceChange).map((action) => ({ outcome, action })),
  );
  for (const parts of Map.groupBy(changes, ({ action }) => action.serviceAccount.name).values()) {
    const open = parts.filter(({ outcome }) => isOpen(outcome, outcomes));
    const serviceAccount = open[0]?.action.serviceAccount;
    if (!serviceAccount) continue;
    const names = open.map(({ outcome: { secretName }, action: { kind } }) => ({ kind, secretName }));
    await step(open, () => patchReferences(serviceAccount, names, deps), deps);
  }
  for (const outcome of outcomes) {
    for (const action of outcome.actions.filter(isCopyRemoval)) {
      if (isOpen(outcome, outcomes)) await step([{ outcome, action }], () => removeCopy(action, outcome, deps), deps);
    }
  }
}

/** Whether to go on: what goes stays where a name that may take its place could not be brought in line. */
function isOpen({ failure, retired, desired }: PlacementOutcome, all: readonly PlacementOutcome[]): boolean {
  if (failure) return false;
  const goes = retired || !desired;
  return !goes || !all.some((other) => other.failure && other.desired && !other.retired);
}

/** One request, which may do something for several names. */
async function step(
  parts: ReadonlyArray<{ outcome: PlacementOutcome; action: Action }>,
  request: () => Promise<void>,
  { signal, onDone }: CarryOutDeps,
): Promise<void> {
  try {
    signal.throwIfAborted();
    await request();
  } catch (error) {
    for (const { outcome } of parts) outcome.failure = asClusterError(error, outcome.namespace);
    return;
  }
  for (const { outcome, action } of parts) {
    outcome.done.push(action);
    onDone(outcome, action);
  }
}

export function asClusterError(error: unknown, namespace: string): ClusterError {
  if (error instanceof ClusterError) return error;
  if (error instanceof AggregateError && error.errors[0] instanceof ClusterError) return error.errors[0];
  if (error instanceof Error && error.name === 'AbortError') {
    const request = { verb: 'patch', resource: 'secrets', namespace } as const;
    return new ClusterError('interrupted', request, 'the run was told to stop');
  }
  throw error;
}
