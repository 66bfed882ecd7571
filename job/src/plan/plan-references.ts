import type { ServiceAccountRecord } from '../cluster/cluster.ts';
import { addedMark, marks, parseAdded } from './marks.ts';
import type { Conflict, PlanContext, PlanRules, ReferenceChange } from './placement.ts';
import type { Selectable } from './selection.ts';

export interface ReferenceRules {
  wants(serviceAccount: Selectable): boolean;
  /** Whether a ServiceAccount stays as it is for now. Default: none. */
  waits?(serviceAccount: ServiceAccountRecord): boolean;
  /** Leave lists alone that another tool declares. */
  skipApplied: boolean;
}

/**
 * Adds a copy's name to the ServiceAccounts that shall have it, with our mark, and takes it out of those that shall not,
 * where the mark proves that it came from us. What stands beside it is neither removed nor reordered.
 */
export function planReferences(
  secretName: string,
  { wants, waits = () => false, skipApplied }: ReferenceRules,
  { rules, snapshot, namespace }: PlanContext,
): { actions: ReferenceChange[]; conflicts: Conflict[] } {
  const ours = addedMark(rules.release, secretName);
  const actions: ReferenceChange[] = [];
  const conflicts: Conflict[] = [];
  for (const serviceAccount of snapshot.serviceAccounts(namespace)) {
    if (waits(serviceAccount)) continue;
    const { name, annotations, imagePullSecrets, listAppliedBy: manager } = serviceAccount;
    const entries = parseAdded(annotations[marks.added]);
    const marked = ourMarks(secretName, rules).some((mark) => entries.includes(mark));
    const referenced = imagePullSecrets.includes(secretName);
    const wanted = wants(serviceAccount);
    const isApplied = skipApplied && manager !== undefined;

    if (wanted && !referenced) {
      if (isApplied) conflicts.push({ kind: 'appliedList', serviceAccount: name, manager });
      else actions.push({ kind: 'addReference', serviceAccount });
    } else if (wanted) {
      // The mark of a release that we follow becomes ours, or nobody would ever take the reference out.
      if (marked && !entries.includes(ours)) actions.push({ kind: 'addReference', serviceAccount });
    } else if (marked) {
      // Where somebody took the reference out, only the mark goes, and the list stays that tool's.
      if (isApplied && referenced) conflicts.push({ kind: 'appliedReference', serviceAccount: name, manager });
      else actions.push({ kind: 'removeReference', serviceAccount });
    }
  }
  return { actions, conflicts };
}

/** The list of a ServiceAccount and its `added` annotation (`null`: none) as they are after the changes of these names. */
export function changedReferences(
  { imagePullSecrets, annotations }: ServiceAccountRecord,
  changes: ReadonlyArray<{ kind: ReferenceChange['kind']; secretName: string }>,
  rules: Pick<PlanRules, 'release' | 'previousReleases'>,
): { imagePullSecrets: string[]; added: string | null } {
  let list = imagePullSecrets;
  let entries = parseAdded(annotations[marks.added]);
  for (const { kind, secretName } of changes) {
    const ours = ourMarks(secretName, rules);
    entries = entries.filter((entry) => !ours.includes(entry));
    if (kind === 'removeReference') {
      list = list.filter((name) => name !== secretName);
    } else {
      if (!list.includes(secretName)) list = [...list, secretName];
      entries.push(addedMark(rules.release, secretName));
    }
  }
  return { imagePullSecrets: list, added: entries.length > 0 ? entries.join(',') : null };
}

/** The marks of a reference that is ours: our own, and those of the releases that we follow. */
function ourMarks(secretName: string, { release, previousReleases }: Pick<PlanRules, 'release' | 'previousReleases'>) {
  return [release, ...previousReleases].map((one) => addedMark(one, secretName));
}

/** Whether a ServiceAccount names a copy, and our mark proves that it came from us. */
export function isOurReference(
  secretName: string,
  { annotations, imagePullSecrets }: ServiceAccountRecord,
  rules: Pick<PlanRules, 'release' | 'previousReleases'>,
): boolean {
  if (!imagePullSecrets.includes(secretName)) return false;
  const entries = parseAdded(annotations[marks.added]);
  return ourMarks(secretName, rules).some((mark) => entries.includes(mark));
}

/** Whether some ServiceAccount of the namespace has a reference that our mark proves to be ours. */
export function carriesReference(
  secretName: string,
  { rules, snapshot, namespace }: Pick<PlanContext, 'rules' | 'snapshot' | 'namespace'>,
): boolean {
  const ours = addedMark(rules.release, secretName);
  return snapshot
    .serviceAccounts(namespace)
    .some(({ annotations }) => parseAdded(annotations[marks.added]).includes(ours));
}
