import { matchesAny } from '../config/glob.ts';
import {
  type Action,
  type CopyPlace,
  type DesiredTarget,
  isCopyRemoval,
  type Placement,
  type PlanRules,
  placeOf,
} from './placement.ts';

/** What goes or went, and counts: a copy, or the reference to it in a ServiceAccount. */
export interface Removal extends CopyPlace {
  serviceAccount?: string;
}

/** A text for each: no other one has the same. */
export function keyOf({ serviceAccount, ...place }: Removal): string {
  return [placeOf(place), serviceAccount].join('/');
}

/** Whether a copy goes since nobody wants it any more. */
export function removesCopy({ desired, actions }: Placement): boolean {
  return !desired && actions.some(isCopyRemoval);
}

/**
 * What of ours a placement takes away from pods that may need it: the copy, with which its references go, or references
 * to a copy that stays.
 */
export function removalsOf(placement: Placement, rules: ReferenceCountRules): Removal[] {
  const { namespace, secretName } = placement;
  if (removesCopy(placement)) return [{ namespace, secretName }];
  return removedReferences(placement, rules).map((serviceAccount) => ({ namespace, secretName, serviceAccount }));
}

/** The placements without those of copies that nobody wants any more: neither the copies nor their references go. */
export function withoutCopyRemovals(placements: readonly Placement[]): Placement[] {
  return placements.filter(({ desired }) => desired !== undefined);
}

/** The placements with every reference to a copy that stays. */
export function withoutReferenceRemovals(placements: readonly Placement[], rules: ReferenceCountRules): Placement[] {
  return placements.map((placement) =>
    removesCopy(placement) ? placement : keeping(removalsOf(placement, rules), placement),
  );
}

/** The placements with no removal but those that were counted; see {@link keyOf}. */
export function onlyCounted(
  placements: readonly Placement[],
  counted: ReadonlySet<string>,
  rules: ReferenceCountRules,
): Placement[] {
  return placements.flatMap((placement) => {
    const others = removalsOf(placement, rules).filter((removal) => !counted.has(keyOf(removal)));
    return others.length > 0 && removesCopy(placement) ? [] : [keeping(others, placement)];
  });
}

type ReferenceCountRules = Pick<PlanRules, 'previousServiceAccounts'>;

/**
 * The ServiceAccounts that lose their reference to a copy that stays. Where somebody took it out already only our mark goes,
 * and that of a name that was in use once goes since another one takes its place.
 */
function removedReferences({ desired, retired, secretName, actions }: Placement, rules: ReferenceCountRules): string[] {
  if (!desired || retired) return [];
  return actions
    .flatMap((action) => (action.kind === 'removeReference' ? action.serviceAccount : []))
    .filter(({ imagePullSecrets }) => imagePullSecrets.includes(secretName))
    .map(({ name }) => name)
    .filter((name) => !isNamedForRemoval(name, desired.target, rules));
}

/** Somebody put the ServiceAccount into `previousServiceAccounts`: our references in it shall go, however many. */
export function isNamedForRemoval(
  name: string,
  { serviceAccounts }: DesiredTarget['target'],
  { previousServiceAccounts }: ReferenceCountRules,
): boolean {
  return matchesAny(previousServiceAccounts)(name) && !matchesAny(serviceAccounts.include)(name);
}

/** The placement without the removals of references in these ServiceAccounts. */
function keeping(removals: ReadonlyArray<Pick<Removal, 'serviceAccount'>>, placement: Placement): Placement {
  const stays = (action: Action) =>
    action.kind === 'removeReference' &&
    removals.some(({ serviceAccount }) => serviceAccount === action.serviceAccount.name);
  return { ...placement, actions: placement.actions.filter((action) => !stays(action)) };
}
