import type { SecretRecord, ServiceAccountRecord } from '../cluster/cluster.ts';
import { marks } from './marks.ts';
import { ownershipOf } from './ownership.ts';
import type { DesiredTarget, Placement, PlanContext } from './placement.ts';
import { removalOf } from './plan-absent.ts';
import { isSource, planCopy } from './plan-present.ts';
import { planReferences } from './plan-references.ts';
import type { Selectable } from './selection.ts';

/** A name that is in use in a namespace, and so takes the place of the ones that were. */
export interface Successor {
  wants(serviceAccount: Selectable): boolean;
  placement: Placement;
}

/**
 * The name was in use once. Its references go now. Its copy stays current for a while, since running pods name it and
 * their spec cannot change, and goes then. Both wait where a name that takes its place cannot be brought in line, so that
 * no pod is left with neither.
 */
export function planRetired(
  secretName: string,
  desired: DesiredTarget,
  successors: readonly Successor[],
  context: PlanContext,
): Placement {
  const { rules, snapshot, now, namespace, skipApplied } = context;
  const placement: Placement = { namespace, secretName, desired, retired: true, actions: [], conflicts: [] };
  if (desired.content === undefined) return placement;

  const waits = (serviceAccount: ServiceAccountRecord) => successors.some((one) => isKeptFrom(serviceAccount, one));
  const references = planReferences(secretName, { wants: () => false, waits, skipApplied }, context);
  const { actions, conflicts } = references;
  const secret = snapshot.secret(namespace, secretName);
  if (!secret || ownershipOf(secret, rules).kind !== 'ours' || isSource(secretName, context)) {
    return { ...placement, actions, conflicts };
  }
  const retiredAt = retiredSince(secret, now);
  const isNeeded =
    successors.some(hasKeptSecret) ||
    snapshot
      .serviceAccounts(namespace)
      .some((serviceAccount) => waits(serviceAccount) && serviceAccount.imagePullSecrets.includes(secretName));
  const goesAt = Date.parse(retiredAt) + rules.retireAfter;
  if (now.getTime() >= goesAt && !isNeeded) {
    return { ...placement, actions: [...actions, removalOf(secret)], conflicts };
  }
  const copy = planCopy({ secret, ownership: { kind: 'ours' } }, desired, context, retiredAt);
  return { ...placement, ...(isNeeded ? {} : { goesAt }), actions: [...copy, ...actions], conflicts };
}

/** The date of the mark. One that cannot be read, or is yet to come, would keep the copy for ever: then it is now. */
function retiredSince({ annotations }: SecretRecord, now: Date): string {
  const mark = annotations[marks.retiredAt];
  return mark !== undefined && Date.parse(mark) <= now.getTime() ? mark : now.toISOString();
}

/** Whether a conflict keeps a ServiceAccount from the name that takes the old one's place. */
function isKeptFrom(serviceAccount: ServiceAccountRecord, successor: Successor): boolean {
  if (!successor.wants(serviceAccount)) return false;
  const { conflicts } = successor.placement;
  return (
    hasKeptSecret(successor) ||
    conflicts.some((one) => one.kind === 'appliedList' && one.serviceAccount === serviceAccount.name)
  );
}

function hasKeptSecret({ placement }: Successor): boolean {
  return placement.conflicts.some(({ kind }) => kind === 'keptSecret');
}
