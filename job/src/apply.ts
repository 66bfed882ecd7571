import pMap from 'p-map';
import type { Clock } from './clock.ts';
import type { Cluster } from './cluster.ts';
import { ClusterError } from './cluster-error.ts';
import { performAction } from './perform.ts';
import type { Action, Placement, PlanRules } from './placement.ts';

/** How often a namespace is looked at again when something changed between observation and write. */
const attempts = 5;
/** Upper bound of the wait before the second look; it doubles with each further one. Milliseconds. */
const firstBackoff = 100;

export interface ApplyDeps {
  cluster: Cluster;
  clock: Clock;
  /** A number from 0 to 1, as `Math.random`. */
  random(): number;
  rules: PlanRules;
  concurrency: number;
  signal: AbortSignal;
  /** Looks at one namespace and plans it anew. */
  planAgain(namespace: string): Promise<Placement[]>;
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
 * Carries out a plan, several namespaces at once and each placement by itself, so that one failure never stops the
 * others. Where an object changed since it was observed, or a write's fate is unknown, the namespace is looked at again
 * and planned anew, and never overwritten. What vanishes on the way, or is wanted no more, is left out of the outcome.
 */
export async function apply(placements: readonly Placement[], deps: ApplyDeps): Promise<PlacementOutcome[]> {
  const byNamespace = Map.groupBy(placements, ({ namespace }) => namespace);
  const outcomes = await pMap(byNamespace.values(), (inside) => applyInTurn(inside, deps), {
    concurrency: deps.concurrency,
  });
  return outcomes.flat();
}

/** Two placements of a namespace may change the same ServiceAccount, so they take turns. */
async function applyInTurn(placements: readonly Placement[], deps: ApplyDeps): Promise<PlacementOutcome[]> {
  const outcomes: PlacementOutcome[] = [];
  for (const placement of placements) {
    const { secretName, desired } = placement;
    const retired =
      desired && deps.rules.previousSecretNames.includes(secretName) && desired.target.secretName !== secretName;
    if (retired && outcomes.some(({ failure, conflicts }) => failure || conflicts.length > 0)) {
      // The name that takes its place is not in line yet: until then the old one keeps the pods pulling.
      outcomes.push({ ...placement, done: [], failure: undefined });
      continue;
    }
    const outcome = await applyPlacement(placement, deps);
    if (outcome) outcomes.push(outcome);
  }
  return outcomes;
}

async function applyPlacement(first: Placement, deps: ApplyDeps): Promise<PlacementOutcome | undefined> {
  const done: Action[] = [];
  let current = first;
  for (let attempt = 1; ; attempt++) {
    try {
      for (const action of current.actions) {
        deps.signal.throwIfAborted();
        await performAction(action, current, deps);
        done.push(action);
        deps.onDone(current, action);
      }
      return { ...current, done, failure: undefined };
    } catch (error) {
      const failure = asClusterError(error, first);
      if (failure.kind === 'namespaceGone') return undefined;
      if (!worthAnotherLook(failure) || attempt === attempts) return { ...current, done, failure };
      const again = await lookAgain(first, attempt, deps);
      if (again instanceof ClusterError) return { ...current, done, failure: again };
      if (!again) return undefined;
      current = again;
    }
  }
}

function worthAnotherLook({ kind, ambiguous }: ClusterError): boolean {
  return kind === 'conflict' || kind === 'notFound' || ambiguous;
}

/** The placement as of now; `undefined` where it vanished, or nobody wants and nobody has it any more. */
async function lookAgain(
  placement: Placement,
  attempt: number,
  deps: ApplyDeps,
): Promise<Placement | ClusterError | undefined> {
  const { clock, random, signal, planAgain } = deps;
  try {
    await clock.sleep(random() * firstBackoff * 2 ** (attempt - 1), signal);
    const placements = await planAgain(placement.namespace);
    return placements.find(({ secretName }) => secretName === placement.secretName);
  } catch (error) {
    return asClusterError(error, placement);
  }
}

function asClusterError(error: unknown, { namespace, secretName: name }: Placement): ClusterError {
  if (error instanceof ClusterError) return error;
  if (error instanceof AggregateError && error.errors[0] instanceof ClusterError) return error.errors[0];
  if (error instanceof Error && error.name === 'AbortError') {
    const request = { verb: 'patch', resource: 'secrets', name, namespace } as const;
    return new ClusterError('interrupted', request, 'the run was told to stop');
  }
  throw error;
}
