import pMap from 'p-map';
import type { Clock } from './clock.ts';
import type { Cluster } from './cluster.ts';
import { ClusterError } from './cluster-error.ts';
import type { Release } from './config.ts';
import { marks, ownerMark } from './marks.ts';
import { observe } from './observe.ts';
import { type Action, type Conflict, type DesiredTarget, type NamespacePlan, plan } from './plan.ts';

/** How often a namespace is looked at again when something changed between observation and write. */
const attempts = 5;
/** Upper bound of the wait before the second look; it doubles with each further one. Milliseconds. */
const firstBackoff = 100;

export interface ApplyDeps {
  cluster: Cluster;
  clock: Clock;
  /** A number from 0 to 1, as `Math.random`. */
  random(): number;
  release: Release;
  targets: readonly DesiredTarget[];
  concurrency: number;
  signal: AbortSignal;
  /** Told of each action once it is done. */
  onDone(namespacePlan: NamespacePlan, action: Action): void;
}

/** How one namespace ended. */
export interface NamespaceOutcome {
  namespace: string;
  desired: DesiredTarget;
  done: Action[];
  conflicts: Conflict[];
  /** Why it is not as it should be. */
  failure: ClusterError | undefined;
}

/**
 * Carries out a plan, several namespaces at once and each by itself, so that one failure never stops the others.
 * Where an object changed since it was observed, or a write's fate is unknown, the namespace is looked at again and
 * planned anew, and never overwritten. A namespace that vanishes on the way is left out of the outcome.
 */
export async function apply(plans: readonly NamespacePlan[], deps: ApplyDeps): Promise<NamespaceOutcome[]> {
  const outcomes = await pMap(plans, (namespacePlan) => applyNamespace(namespacePlan, deps), {
    concurrency: deps.concurrency,
  });
  return outcomes.filter((outcome) => outcome !== undefined);
}

async function applyNamespace(first: NamespacePlan, deps: ApplyDeps): Promise<NamespaceOutcome | undefined> {
  const { namespace } = first;
  const done: Action[] = [];
  let current = first;
  for (let attempt = 1; ; attempt++) {
    const { desired, conflicts } = current;
    try {
      for (const action of current.actions) {
        deps.signal.throwIfAborted();
        await perform(action, current, deps);
        done.push(action);
        deps.onDone(current, action);
      }
      return { namespace, desired, done, conflicts, failure: undefined };
    } catch (error) {
      const failure = asClusterError(error, namespace);
      if (failure.kind === 'namespaceGone') return undefined;
      if (!worthAnotherLook(failure) || attempt === attempts) return { namespace, desired, done, conflicts, failure };
      const again = await lookAgain(namespace, attempt, deps);
      if (again instanceof ClusterError) return { namespace, desired, done, conflicts, failure: again };
      if (!again) return undefined;
      current = again;
    }
  }
}

async function perform(action: Action, { namespace, desired }: NamespacePlan, deps: ApplyDeps): Promise<void> {
  const { cluster, release } = deps;
  const name = desired.target.secretName;
  const secret = {
    namespace,
    name,
    labels: { [marks.managedBy]: marks.managedByValue },
    annotations: { [marks.owner]: ownerMark(release, namespace) },
    content: desired.content as string,
  };
  switch (action.kind) {
    case 'createCopy':
      return cluster.createSecret(secret);
    case 'updateCopy':
      return cluster.updateSecret(secret, action.observed);
    case 'replaceCopy':
      await cluster.deleteSecret({ namespace, name, uid: action.observed.uid });
      return cluster.createSecret(secret);
    case 'addReference':
      return cluster.patchServiceAccount({
        namespace,
        name: action.serviceAccount,
        resourceVersion: action.observed.resourceVersion,
        imagePullSecrets: action.imagePullSecrets,
        annotations: { [marks.added]: action.added },
      });
  }
}

function worthAnotherLook({ kind, ambiguous }: ClusterError): boolean {
  return kind === 'conflict' || kind === 'notFound' || ambiguous;
}

/** The namespace's plan as of now; `undefined` where it vanished or is selected no more. */
async function lookAgain(
  namespace: string,
  attempt: number,
  deps: ApplyDeps,
): Promise<NamespacePlan | ClusterError | undefined> {
  const { cluster, clock, random, release, targets, signal } = deps;
  try {
    await clock.sleep(random() * firstBackoff * 2 ** (attempt - 1), signal);
    const snapshot = await observe(
      cluster,
      targets.map(({ target }) => target),
      namespace,
    );
    return plan({ release, targets, snapshot })[0];
  } catch (error) {
    return asClusterError(error, namespace);
  }
}

function asClusterError(error: unknown, namespace: string): ClusterError {
  if (error instanceof ClusterError) return error;
  if (error instanceof AggregateError && error.errors[0] instanceof ClusterError) return error.errors[0];
  if (error instanceof Error && error.name === 'AbortError') {
    return new ClusterError(
      'interrupted',
      { verb: 'patch', resource: 'secrets', namespace },
      'the run was told to stop',
    );
  }
  throw error;
}
