import type { SecretRecord } from '../cluster/cluster.ts';
import { marks } from './marks.ts';
import { ownershipOf } from './ownership.ts';
import type { CopyRemoval, Placement, PlanContext } from './placement.ts';
import { isSource } from './plan-present.ts';
import { planReferences } from './plan-references.ts';

/** Nobody wants the copy in this namespace: exactly what we added goes, references first. */
export function planAbsent(secretName: string, context: PlanContext): Placement {
  const { snapshot, namespace, skipApplied } = context;
  const { actions, conflicts } = planReferences(secretName, { wants: () => false, skipApplied }, context);
  const secret = snapshot.secret(namespace, secretName);
  const ours = secret && !isSource(secretName, context) && ownershipOf(secret, context.rules).kind === 'ours';
  const removals = ours ? [removalOf(secret)] : [];
  return { namespace, secretName, desired: undefined, actions: [...actions, ...removals], conflicts };
}

/** A Secret that was there before us is handed back: our marks go, it stays. */
export function removalOf({ uid, resourceVersion, labels, annotations }: SecretRecord): CopyRemoval {
  const observed = { uid, resourceVersion };
  if (annotations[marks.adopted] !== 'true') return { kind: 'deleteCopy', observed };
  return {
    kind: 'handBackCopy',
    observed,
    labels: labels[marks.managedBy] === marks.managedByValue ? [marks.managedBy] : [],
    annotations: [marks.owner, marks.adopted, marks.retiredAt],
  };
}
