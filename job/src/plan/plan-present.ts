import type { SecretRecord } from '../cluster/cluster.ts';
import type { Target } from '../config/config.ts';
import { copyType } from '../credentials/docker-config.ts';
import { marks, ownerMark, patcherMark } from './marks.ts';
import { isTiedLabel, otherToolOf, type Ties, tiesOf } from './other-tools.ts';
import { type Ownership, ownershipOf } from './ownership.ts';
import type { Action, Conflict, CopyMarks, DesiredTarget, Placement, PlanContext } from './placement.ts';
import { planReferences } from './plan-references.ts';
import type { Selectable } from './selection.ts';

/** A copy that a target wants in a namespace: it has to be there, current, and named by the ServiceAccounts. */
export function planPresent(
  desired: DesiredTarget,
  wants: (serviceAccount: Selectable) => boolean,
  context: PlanContext,
): Placement {
  const { snapshot, namespace } = context;
  const { secretName } = desired.target;
  const placement: Placement = { namespace, secretName, desired, actions: [], conflicts: [] };
  // A target that is not in order stops here, and the namespace does not fall through to another one.
  if (desired.content === undefined) return placement;

  const { target } = desired;
  const source = isSource(secretName, context);
  const secret = snapshot.secret(namespace, secretName);
  // It was read a moment ago and is gone: no reference without a copy.
  if (source && !secret) return { ...placement, desired: { target, content: undefined } };
  const found = secret && !source ? { secret, ownership: ownershipOf(secret, context.rules) } : undefined;
  const conflict = found && keep(found.ownership, target);
  const { skipApplied } = target.serviceAccounts;
  if (conflict) {
    // No reference is added, and none is taken from who shall have it.
    const { actions, conflicts } = planReferences(secretName, { wants, waits: wants, skipApplied }, context);
    return { ...placement, actions, conflicts: [conflict, ...conflicts] };
  }
  const references = planReferences(secretName, { wants, skipApplied }, context);
  const copy = source ? [] : planCopy(found, desired, context);
  return { ...placement, actions: [...copy, ...references.actions], conflicts: references.conflicts };
}

/** A Secret that has a copy's name, and whose it is. */
interface Found {
  secret: SecretRecord;
  ownership: Ownership;
}

/** What makes a copy hold the content under our marks, in place wherever the API lets it. */
export function planCopy(
  found: Found | undefined,
  { target, content }: DesiredTarget,
  { rules, namespace }: PlanContext,
  retiredAt?: string,
): Action[] {
  if (!found) return [{ kind: 'createCopy' }];
  const { secret, ownership } = found;
  const observed = { uid: secret.uid, resourceVersion: secret.resourceVersion };
  const change = {
    observed,
    marks: copyMarks(found, retiredAt),
    ...(ownership.kind === 'patcher' ? { takenFrom: patcherMark.value } : {}),
  };
  const because = secret.type !== copyType ? 'wrong type' : 'immutable';
  if (because === 'wrong type' || (secret.content !== content && secret.immutable)) {
    // What is new was there before only in name. Where nothing is adopted the guard lets no new Secret say that it was, or a
    // thief of the token could make one, and take our marks off it.
    const adopted = change.marks.adopted && target.onConflict === 'adopt';
    return [{ kind: 'replaceCopy', because, ...change, marks: { ...change.marks, adopted } }];
  }
  const marked =
    secret.annotations[marks.owner] === ownerMark(rules.release, namespace) &&
    secret.annotations[marks.retiredAt] === retiredAt;
  const ties = tiesToCut(found);
  if (secret.content === content && marked && !ties) return [];
  return [{ kind: 'updateCopy', ...change, ...(ties ? { ties } : {}) }];
}

/** A copy of ours that somebody made a source of another tool stays one; one that a tool has written again does not. */
function tiesToCut({ secret, ownership }: Found): Ties | undefined {
  if (ownership.kind === 'ours' && !otherToolOf(secret)) return undefined;
  return tiesOf(secret);
}

function copyMarks({ secret: { labels, annotations }, ownership }: Found, retiredAt?: string): CopyMarks {
  const label = labels[marks.managedBy];
  const labelled = label === undefined || label === marks.managedByValue || isTiedLabel(marks.managedBy, label);
  return {
    labelled,
    // Without our label nothing else tells that it is ours.
    adopted: ownership.kind === 'foreign' || annotations[marks.adopted] === 'true' || !labelled,
    retiredAt,
  };
}

/** The conflict that keeps us from a Secret; `undefined` where it is ours or may become so. */
function keep(ownership: Ownership, { onConflict }: Target): Conflict | undefined {
  if (ownership.kind === 'protected') return { kind: 'keptSecret', owner: ownership.owner, adoptable: false };
  if (ownership.kind === 'foreign' && onConflict === 'keep') {
    const { owner, tool } = ownership;
    return { kind: 'keptSecret', owner, adoptable: true, ...(tool ? { tool } : {}) };
  }
  return undefined;
}

/**
 * In the release namespace a source that has the copy's name is the copy: no Secret that any target reads is ever written
 * or removed.
 */
export function isSource(secretName: string, { rules, namespace }: PlanContext): boolean {
  if (namespace !== rules.release.namespace) return false;
  return rules.targets.some(({ sources }) =>
    sources.some((source) => 'secret' in source && source.secret === secretName),
  );
}
