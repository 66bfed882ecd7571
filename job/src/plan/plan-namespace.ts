import type { NamespaceRecord } from '../cluster/cluster.ts';
import type { Snapshot } from './observe.ts';
import { ownershipOf } from './ownership.ts';
import { type DesiredTarget, isCopyWrite, type Placement, type PlanContext, type PlanRules } from './placement.ts';
import { planAbsent } from './plan-absent.ts';
import { isSource, planPresent } from './plan-present.ts';
import { planRetired, type Successor } from './plan-retired.ts';
import type { Removal } from './removals.ts';
import { retiredTargets } from './retired-target.ts';
import { namespaceSelector, serviceAccountSelector } from './selection.ts';

export interface PlanInput {
  rules: PlanRules;
  targets: readonly DesiredTarget[];
  snapshot: Snapshot;
  now: Date;
  /** What was removed lately, or may have been: it counts with what would be. Default: nothing. */
  removedLately?: readonly Removal[] | undefined;
}

/** A function that plans one namespace: a placement for each name that is in use or was once, but those that wait. */
export function namespacePlanner({
  rules,
  targets,
  snapshot,
  now,
}: PlanInput): (namespace: NamespaceRecord) => Placement[] {
  const selectors = targets.map((desired) => ({
    desired,
    selects: namespaceSelector(desired.target.namespaces),
    wants: serviceAccountSelector(desired.target.serviceAccounts),
  }));
  const current = [...new Set(targets.map(({ target }) => target.secretName))];
  const previous = rules.previousSecretNames.filter((name) => !current.includes(name));

  const retiredTarget = retiredTargets();
  // A cleanup has no targets: it takes out all that is ours.
  const skipApplied = targets.some(({ target }) => target.serviceAccounts.skipApplied);

  return (namespace) => {
    const context: PlanContext = { rules, snapshot, now, namespace: namespace.name, skipApplied };
    const selecting = selectors.filter(({ selects }) => selects(namespace));
    const wanted = selecting
      .filter(({ desired }, index) => selecting.findIndex((other) => hasNameOf(other, desired)) === index)
      .map(({ desired, wants }): Successor => ({ wants, placement: planPresent(desired, wants, context) }));
    const absent = (name: string) =>
      wanted.some(({ placement }) => isMissing(placement, context)) ? [] : planAbsent(name, context);
    const retired = retiredTarget(wanted.flatMap(({ placement: { desired } }) => desired ?? []));
    return [
      ...current.flatMap(
        (name) => wanted.find(({ placement }) => placement.secretName === name)?.placement ?? absent(name),
      ),
      ...previous.flatMap((name) => (retired ? planRetired(name, retired, wanted, context) : absent(name))),
    ];
  };
}

/**
 * Whether a copy is not there, and does not come either. It may be to take the place of one that nobody wants any more, as
 * where a namespace comes to another target: that one stays until then, so that no pod is left with neither.
 */
function isMissing({ secretName, actions }: Placement, context: PlanContext): boolean {
  if (actions.some(isCopyWrite)) return false;
  const secret = context.snapshot.secret(context.namespace, secretName);
  return !secret || !(isSource(secretName, context) || ownershipOf(secret, context.rules).kind === 'ours');
}

function hasNameOf({ desired }: { desired: DesiredTarget }, { target }: DesiredTarget): boolean {
  return desired.target.secretName === target.secretName;
}
