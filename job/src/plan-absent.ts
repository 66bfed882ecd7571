import type { SecretRecord } from './cluster.ts';
import { marks } from './marks.ts';
import { ownershipOf } from './ownership.ts';
import type { Action, DesiredTarget, Placement, PlanContext } from './placement.ts';
import { isSource, planCopy } from './plan-present.ts';
import { planReferences } from './plan-references.ts';

/** Nobody wants the copy in this namespace: exactly what we added goes, references first. */
export function planAbsent(secretName: string, context: PlanContext): Placement {
  const { snapshot, namespace } = context;
  const references = planReferences(secretName, { wants: () => false, skipApplied: false }, context);
  const secret = snapshot.secret(namespace, secretName);
  const ours = secret && !isSource(secretName, context) && ownershipOf(secret, context.rules).kind === 'ours';
  const actions = [...references.actions, ...(ours ? [removeCopy(secret)] : [])];
  return { namespace, secretName, desired: undefined, actions, conflicts: [] };
}

/**
 * The name was in use once. Its references go now. Its copy stays current for a while, since running pods name it and
 * their spec cannot change, and goes then.
 */
export function planRetired(secretName: string, desired: DesiredTarget, context: PlanContext): Placement {
  const { rules, snapshot, now, namespace } = context;
  const placement: Placement = { namespace, secretName, desired, retired: true, actions: [], conflicts: [] };
  if (desired.content === undefined) return placement;

  const references = planReferences(secretName, { wants: () => false, skipApplied: false }, context).actions;
  const secret = snapshot.secret(namespace, secretName);
  const ownership = secret && ownershipOf(secret, context.rules);
  if (!secret || ownership?.kind !== 'ours' || isSource(secretName, context))
    return { ...placement, actions: references };

  const retiredAt = secret.annotations[marks.retiredAt] ?? now.toISOString();
  const over = now.getTime() - Date.parse(retiredAt) >= rules.retireAfter;
  if (over) return { ...placement, actions: [...references, removeCopy(secret)] };
  const copy = planCopy(secret, ownership, desired.content, context, retiredAt);
  return { ...placement, actions: [...copy, ...references] };
}

/** A Secret that was there before us is handed back: our marks go, it stays. */
function removeCopy({ uid, resourceVersion, labels, annotations }: SecretRecord): Action {
  const observed = { uid, resourceVersion };
  if (annotations[marks.adopted] !== 'true') return { kind: 'deleteCopy', observed };
  return {
    kind: 'handBackCopy',
    observed,
    labels: labels[marks.managedBy] === marks.managedByValue ? [marks.managedBy] : [],
    annotations: [marks.owner, marks.adopted, marks.retiredAt],
  };
}
