import type { ObjectVersion, SecretRecord } from './cluster.ts';
import type { Release, Target } from './config.ts';
import { copyType } from './docker-config.ts';
import { addedMark, marks, ownerMark, parseAdded } from './marks.ts';
import type { Snapshot } from './observe.ts';
import { namespaceSelector, serviceAccountSelector } from './selection.ts';

/** A target and what its copies have to hold. */
export interface DesiredTarget {
  target: Target;
  /** The docker config in base64; `undefined` where its sources are not in order: its namespaces stay as they are. */
  content: string | undefined;
}

export interface PlanInput {
  release: Release;
  targets: readonly DesiredTarget[];
  snapshot: Snapshot;
}

/** One thing to do. Holds no credential: a plan is printed. */
export type Action =
  | { kind: 'createCopy' }
  | { kind: 'updateCopy'; observed: ObjectVersion }
  | { kind: 'replaceCopy'; observed: ObjectVersion; because: 'wrong type' | 'immutable' }
  | {
      kind: 'addReference';
      serviceAccount: string;
      observed: ObjectVersion;
      /** The whole list as it will be. */
      imagePullSecrets: string[];
      /** The whole `added` annotation as it will be. */
      added: string;
    };

/** What the plan leaves alone although the target wants it. */
export type Conflict =
  | { kind: 'foreignSecret'; managers: string[] }
  | { kind: 'appliedList'; serviceAccount: string; manager: string };

/** What is to be done in one namespace, in order. */
export interface NamespacePlan {
  namespace: string;
  /** The target that selects the namespace: the first that does. */
  desired: DesiredTarget;
  actions: Action[];
  conflicts: Conflict[];
}

/**
 * What has to be done so that every selected namespace is as it should be. A pure function: what is printed by the
 * command `plan` is what `sync` does. Namespaces that are being deleted, and ones that no target selects, are left out.
 */
export function plan({ release, targets, snapshot }: PlanInput): NamespacePlan[] {
  const selectors = targets.map((desired) => ({
    desired,
    selects: namespaceSelector(desired.target.namespaces),
    wants: serviceAccountSelector(desired.target.serviceAccounts),
  }));
  const plans: NamespacePlan[] = [];
  for (const namespace of snapshot.namespaces) {
    if (namespace.terminating) continue;
    const first = selectors.find(({ selects }) => selects(namespace));
    if (!first) continue;
    plans.push(planNamespace(namespace.name, first.desired, first.wants, { release, snapshot }));
  }
  return plans;
}

type Wants = ReturnType<typeof serviceAccountSelector>;

function planNamespace(
  namespace: string,
  desired: DesiredTarget,
  wants: Wants,
  { release, snapshot }: { release: Release; snapshot: Snapshot },
): NamespacePlan {
  const empty: NamespacePlan = { namespace, desired, actions: [], conflicts: [] };
  if (desired.content === undefined) return empty;

  const secret = snapshot.secret(namespace, desired.target.secretName);
  const isSource = namespace === release.namespace && isSourceOf(desired.target);
  if (secret && !isSource && !isOurs(secret, release)) {
    return { ...empty, conflicts: [{ kind: 'foreignSecret', managers: secret.managers }] };
  }
  const references = planReferences(namespace, desired.target, wants, { release, snapshot });
  return {
    ...empty,
    actions: [...(isSource ? [] : planCopy(secret, desired.content)), ...references.actions],
    conflicts: references.conflicts,
  };
}

function planCopy(secret: SecretRecord | undefined, content: string): Action[] {
  if (!secret) return [{ kind: 'createCopy' }];
  const observed = { uid: secret.uid, resourceVersion: secret.resourceVersion };
  if (secret.type !== copyType) return [{ kind: 'replaceCopy', observed, because: 'wrong type' }];
  if (secret.content === content) return [];
  if (secret.immutable) return [{ kind: 'replaceCopy', observed, because: 'immutable' }];
  return [{ kind: 'updateCopy', observed }];
}

function planReferences(
  namespace: string,
  { secretName, serviceAccounts }: Target,
  wants: Wants,
  { release, snapshot }: { release: Release; snapshot: Snapshot },
): { actions: Action[]; conflicts: Conflict[] } {
  const actions: Action[] = [];
  const conflicts: Conflict[] = [];
  for (const serviceAccount of snapshot.serviceAccounts(namespace)) {
    const { name, imagePullSecrets, annotations, listAppliedBy, uid, resourceVersion } = serviceAccount;
    if (!wants(serviceAccount) || imagePullSecrets.includes(secretName)) continue;
    if (serviceAccounts.skipApplied && listAppliedBy !== undefined) {
      conflicts.push({ kind: 'appliedList', serviceAccount: name, manager: listAppliedBy });
      continue;
    }
    const added = new Set([...parseAdded(annotations[marks.added]), addedMark(release, secretName)]);
    actions.push({
      kind: 'addReference',
      serviceAccount: name,
      observed: { uid, resourceVersion },
      imagePullSecrets: [...imagePullSecrets, secretName],
      added: [...added].join(','),
    });
  }
  return { actions, conflicts };
}

/** A Secret is ours if it carries our label, and our owner mark for this very namespace. */
function isOurs({ labels, annotations, namespace }: SecretRecord, release: Release): boolean {
  return labels[marks.managedBy] === marks.managedByValue && annotations[marks.owner] === ownerMark(release, namespace);
}

/** In the release namespace a source that has the copy's name is the copy. */
function isSourceOf({ secretName, sources }: Target): boolean {
  return sources.some((source) => 'secret' in source && source.secret === secretName);
}
