import pMap from 'p-map';
import type { Clock } from '../clock.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import type { Placement } from '../plan/placement.ts';
import type { Progress } from '../progress.ts';
import { asClusterError, type CarryOutDeps, carryOut, type PlacementOutcome } from './carry-out.ts';

/** How often a namespace is looked at again when something changed between observation and write. */
const attempts = 5;
/** Upper bound of the wait before the second look; it doubles with each further one. Milliseconds. */
const firstBackoff = 100;

export interface ApplyDeps extends CarryOutDeps {
  clock: Clock;
  /** A number from 0 to 1, as `Math.random`. */
  random(): number;
  concurrency: number;
  progress?: Progress | undefined;
  /** Looks at one namespace and plans it anew. */
  planAgain(namespace: string): Promise<Placement[]>;
}

/**
 * Carries out a plan, several namespaces at once and each by itself, so that one failure never stops the others. Where an
 * object changed since it was observed, or a write's fate is unknown, the namespace is looked at again and planned anew,
 * and never overwritten. What vanishes on the way is left out of the outcome.
 */
export async function apply(placements: readonly Placement[], deps: ApplyDeps): Promise<PlacementOutcome[]> {
  const byNamespace = Map.groupBy(placements, ({ namespace }) => namespace);
  const { concurrency, progress } = deps;
  const applyCounted = progress ? counting(byNamespace, progress) : applyNamespace;
  const outcomes = await pMap(byNamespace, ([namespace, inside]) => applyCounted(namespace, inside, deps), {
    concurrency,
  });
  return outcomes.flat();
}

function counting(byNamespace: ReadonlyMap<string, Placement[]>, progress: Progress): typeof applyNamespace {
  const isWork = (inside: readonly Placement[]) => inside.some(({ actions }) => actions.length > 0);
  const all = [...byNamespace.values()].filter(isWork).length;
  let done = 0;
  return async (namespace, inside, deps) => {
    const outcomes = await applyNamespace(namespace, inside, deps);
    if (isWork(inside)) progress.namespacesDone(++done, all);
    return outcomes;
  };
}

async function applyNamespace(
  namespace: string,
  placements: readonly Placement[],
  deps: ApplyDeps,
): Promise<PlacementOutcome[]> {
  let outcomes = placements.map((placement): PlacementOutcome => ({ ...placement, done: [], failure: undefined }));
  for (let attempt = 1; ; attempt++) {
    await carryOut(outcomes, deps);
    if (outcomes.some(({ failure }) => failure?.kind === 'namespaceGone')) return [];
    if (attempt === attempts || !outcomes.some(isUnsettled)) return outcomes;
    const again = await lookAgain(namespace, attempt, deps);
    if (again instanceof ClusterError) {
      return outcomes.map((outcome) => (isUnsettled(outcome) ? { ...outcome, failure: again } : outcome));
    }
    outcomes = goOn(outcomes, again);
  }
}

function isUnsettled({ failure }: PlacementOutcome): boolean {
  return failure !== undefined && (failure.kind === 'conflict' || failure.kind === 'notFound' || failure.ambiguous);
}

/** What is still to be done, by a new plan. What failed for good is not tried again, and what is done stays told. */
function goOn(outcomes: readonly PlacementOutcome[], again: readonly Placement[]): PlacementOutcome[] {
  const earlier = new Map(outcomes.map((outcome) => [outcome.secretName, outcome]));
  const now = again.map((placement): PlacementOutcome => {
    const before = earlier.get(placement.secretName);
    if (before?.failure && !isUnsettled(before)) return before;
    return { ...placement, done: before?.done ?? [], failure: undefined };
  });
  const wanted = new Set(again.map(({ secretName }) => secretName));
  const over = outcomes.filter(
    ({ secretName, failure, done }) => !wanted.has(secretName) && !failure && done.length > 0,
  );
  return [...now, ...over.map((outcome) => ({ ...outcome, actions: [] }))];
}

/** The placements of the namespace as of now. */
async function lookAgain(namespace: string, attempt: number, deps: ApplyDeps): Promise<Placement[] | ClusterError> {
  const { clock, random, signal, planAgain } = deps;
  try {
    await clock.sleep(random() * firstBackoff * 2 ** (attempt - 1), signal);
    return await planAgain(namespace);
  } catch (error) {
    return asClusterError(error, namespace);
  }
}
