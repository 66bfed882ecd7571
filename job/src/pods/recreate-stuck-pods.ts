import type { Cluster } from '../cluster/cluster.ts';
import { ClusterError, type ClusterErrorKind, problemOf } from '../cluster/cluster-error.ts';
import { observedNames } from '../plan/observe.ts';
import { isReferenceChange, type Placement } from '../plan/placement.ts';
import type { Problem } from '../problem.ts';
import type { EngineDeps } from '../run/engine-deps.ts';
import type { PassState } from '../run/observe-and-plan.ts';
import type { RunResult } from '../run/run-result.ts';
import { describeEviction } from './describe-pod.ts';
import { judgePod, type StuckPod, type UsableCopy } from './stuck-pods.ts';

/**
 * The pods that came too early, the ones that wait longest first. Reads the pods that are Pending, and where some may be
 * stuck the ServiceAccounts as they are now, so that no pod goes whose successor would be as it was.
 *
 * @param placements all that are in line, or will be: what they still have to do counts as done
 */
export async function findStuckPods(
  { config, targets }: PassState,
  placements: readonly Placement[],
  cluster: Cluster,
): Promise<StuckPod[]> {
  const registries = new Map(targets.map(({ target, logins }) => [target.name, [...logins.keys()]]));
  const copies = placements.flatMap((placement) => usableCopy(placement, registries));
  const byNamespace = Map.groupBy(copies, ({ namespace }) => namespace);
  const pods = (await cluster.listPendingPods()).filter(
    (pod) => pod.waiting.length > 0 && byNamespace.has(pod.namespace),
  );
  if (pods.length === 0) return [];
  const lists = await Promise.all(
    observedNames(config).serviceAccounts.map((name) => cluster.listServiceAccounts(name)),
  );
  const accounts = new Map(lists.flat().map((account) => [`${account.namespace}/${account.name}`, account]));
  return pods
    .map((pod) =>
      judgePod(pod, accounts.get(`${pod.namespace}/${pod.serviceAccount}`), byNamespace.get(pod.namespace) ?? []),
    )
    .filter((verdict) => typeof verdict !== 'string')
    .toSorted((one, other) => one.pod.createdAt - other.pod.createdAt);
}

/** The copy of a placement, where it is ours, current and still in use. */
function usableCopy(
  { namespace, secretName, desired, retired, conflicts, actions }: Placement,
  registries: ReadonlyMap<string, string[]>,
): UsableCopy[] {
  if (desired?.content === undefined || retired || conflicts.some(({ kind }) => kind === 'keptSecret')) return [];
  const additions = actions.filter(isReferenceChange).filter(({ kind }) => kind === 'addReference');
  return [
    {
      namespace,
      secretName,
      registries: registries.get(desired.target.name) ?? [],
      comingTo: new Set(additions.map(({ serviceAccount }) => serviceAccount.name)),
    },
  ];
}

/** What a run would evict once it has done all that is planned; nothing where it is not asked for. */
export async function planEvictions(
  state: PassState,
  placements: readonly Placement[],
  { cluster }: EngineDeps,
): Promise<{ stuck: StuckPod[]; problems: Problem[] }> {
  const { enabled, maxPerRun } = state.config.recreateStuckPods;
  if (!enabled) return { stuck: [], problems: [] };
  try {
    const stuck = await findStuckPods(state, placements, cluster);
    return { stuck: stuck.slice(0, maxPerRun), problems: [] };
  } catch (error) {
    if (!(error instanceof ClusterError) || error.kind === 'interrupted') throw error;
    return { stuck: [], problems: [problemOf(error)] };
  }
}

/** What came in between: the pod went, changed, or is kept by a budget. The next run looks again. */
const noFailures = new Set<ClusterErrorKind>(['notFound', 'conflict', 'throttled', 'namespaceGone']);
/** What all further evictions would fail with too. */
const forAll = new Set<ClusterErrorKind>(['forbidden', 'unauthorized', 'unreachable', 'untrusted']);

/**
 * Evicts pods that came too early, so that their controllers make them anew, at most `maxPerRun` in a run. To be done after
 * the copies and references are in line, and where the configuration asks for it only: the rights are not there otherwise.
 */
export async function recreateStuckPods(state: PassState, result: RunResult, deps: EngineDeps): Promise<void> {
  const { recreated } = result;
  const done = result.placements.filter(({ failure }) => !failure).map((placement) => ({ ...placement, actions: [] }));
  try {
    const stuck = await findStuckPods(state, done, deps.cluster);
    const room = state.config.recreateStuckPods.maxPerRun - recreated.pods.length - recreated.uncertain;
    recreated.left = Math.max(0, stuck.length - room);
    for (const one of stuck.slice(0, room)) {
      deps.signal.throwIfAborted();
      const failure = await evict(one, deps);
      if (failure?.ambiguous) recreated.uncertain += 1;
      if (!failure) {
        recreated.pods.push(one);
        deps.log.info(...describeEviction(one, 'done'));
      } else if (!noFailures.has(failure.kind)) {
        recreated.problems.push(problemOf(failure));
        if (forAll.has(failure.kind)) return;
      }
    }
  } catch (error) {
    if (!(error instanceof ClusterError) || error.kind === 'interrupted') throw error;
    recreated.problems.push(problemOf(error));
  }
}

async function evict({ pod }: StuckPod, { cluster }: EngineDeps): Promise<ClusterError | undefined> {
  const { namespace, name, uid, resourceVersion } = pod;
  try {
    await cluster.evictPod({ namespace, name, observed: { uid, resourceVersion } });
    return undefined;
  } catch (error) {
    if (!(error instanceof ClusterError) || error.kind === 'interrupted') throw error;
    return error;
  }
}
