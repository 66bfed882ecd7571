import type { ServiceAccountRecord } from './cluster.ts';
import { addedMark, marks, parseAdded } from './marks.ts';
import type { Action, Conflict, PlanContext } from './placement.ts';
import type { Selectable } from './selection.ts';

export interface ReferenceRules {
  wants(serviceAccount: Selectable): boolean;
  /** Leave lists alone that another tool declares. */
  skipApplied: boolean;
}

/**
 * Adds a copy's name to the ServiceAccounts that shall have it, with our mark, and takes it out of those that shall not,
 * where the mark proves that it came from us. What stands beside it is neither removed nor reordered.
 */
export function planReferences(
  secretName: string,
  { wants, skipApplied }: ReferenceRules,
  { rules, snapshot, namespace }: PlanContext,
): { actions: Action[]; conflicts: Conflict[] } {
  const ours = addedMark(rules.release, secretName);
  const previous = new Set(rules.previousReleases.map((release) => addedMark(release, secretName)));
  const actions: Action[] = [];
  const conflicts: Conflict[] = [];
  for (const serviceAccount of snapshot.serviceAccounts(namespace)) {
    const entries = parseAdded(serviceAccount.annotations[marks.added]);
    const marked = entries.some((entry) => entry === ours || previous.has(entry));
    const referenced = serviceAccount.imagePullSecrets.includes(secretName);
    const others = entries.filter((entry) => entry !== ours && !previous.has(entry));

    if (!wants(serviceAccount)) {
      if (marked) actions.push(removal(serviceAccount, secretName, others));
    } else if (referenced) {
      // The mark of a release that we follow becomes ours, or nobody would ever take the reference out.
      if (marked && !entries.includes(ours)) actions.push(addition(serviceAccount, secretName, [...others, ours]));
    } else if (skipApplied && serviceAccount.listAppliedBy !== undefined) {
      const { name, listAppliedBy: manager } = serviceAccount;
      conflicts.push({ kind: 'appliedList', serviceAccount: name, manager });
    } else {
      actions.push(addition(serviceAccount, secretName, [...others, ours]));
    }
  }
  return { actions, conflicts };
}

function addition(
  { name, uid, resourceVersion, imagePullSecrets }: ServiceAccountRecord,
  secretName: string,
  added: string[],
): Action {
  return {
    kind: 'addReference',
    serviceAccount: name,
    observed: { uid, resourceVersion },
    imagePullSecrets: imagePullSecrets.includes(secretName) ? imagePullSecrets : [...imagePullSecrets, secretName],
    added: added.join(','),
  };
}

function removal(
  { name, uid, resourceVersion, imagePullSecrets }: ServiceAccountRecord,
  secretName: string,
  added: string[],
): Action {
  return {
    kind: 'removeReference',
    serviceAccount: name,
    observed: { uid, resourceVersion },
    imagePullSecrets: imagePullSecrets.filter((other) => other !== secretName),
    added: added.length > 0 ? added.join(',') : null,
  };
}
