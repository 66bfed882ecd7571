import { ownershipOf } from './ownership.ts';
import { type CopyPlace, isCopyRemoval, type Placement, placeOf } from './placement.ts';
import { namespacePlanner, type PlanInput } from './plan-namespace.ts';
import { tooMany, type Withheld } from './removal-limit.ts';

export interface Plan {
  placements: Placement[];
  /** The removals of copies that are too many (`maxRemovePercent`); `undefined` where they are not. */
  withheldCopies: Withheld | undefined;
}

/**
 * What has to be done so that every namespace is as it should be. A pure function: what the command `plan` prints is
 * what `sync` does. Namespaces that are being deleted are left out, and so is what nobody wants and nobody has.
 *
 * Where a run would remove more copies than `maxRemovePercent` allows, it removes none: a typo in a glob must not empty
 * a cluster. What was removed lately counts with what goes now, so that none is emptied step by step either. Copies of
 * `previousSecretNames` do not count where their namespace is selected: somebody named them for removal, all of them are
 * due at about the same time, and each goes only once the name of now is in line.
 */
export function plan(input: PlanInput): Plan {
  const placements = planPlacements(input);
  const withheldCopies = tooManyCopies(placements, input);
  return { placements: withheldCopies ? withoutRemovals(placements) : placements, withheldCopies };
}

/** Whether a copy goes since nobody wants it any more. */
export function removesCopy({ desired, actions }: Placement): boolean {
  return !desired && actions.some(isCopyRemoval);
}

/** The placements without the ones that nobody wants any more: neither their copies nor their references go. */
export function withoutRemovals(placements: readonly Placement[]): Placement[] {
  return placements.filter(({ desired }) => desired !== undefined);
}

/** Every placement, however many copies go. */
export function planPlacements(input: PlanInput): Placement[] {
  const planNamespace = namespacePlanner(input);
  return input.snapshot.namespaces
    .filter(({ terminating }) => !terminating)
    .flatMap(planNamespace)
    .filter(({ desired, actions, conflicts }) => desired || actions.length > 0 || conflicts.length > 0);
}

function tooManyCopies(placements: readonly Placement[], input: PlanInput): Withheld | undefined {
  const { rules, snapshot } = input;
  const copies = snapshot.secrets().filter((secret) => ownershipOf(secret, rules).kind === 'ours');
  const there = copies.map(({ namespace, name }) => ({ namespace, secretName: name }));
  const counted = { removals: placements.filter(removesCopy), gone: goneLately(there, placements, input), there };
  return tooMany(counted, rules.maxRemovePercent);
}

/** Of the copies that were removed lately those that are not back, whose namespace is, and that nobody wants there again. */
function goneLately(
  there: readonly CopyPlace[],
  placements: readonly Placement[],
  { rules, targets, snapshot, removedLately = [] }: PlanInput,
): CopyPlace[] {
  if (removedLately.length === 0) return [];
  const names = new Set([...targets.map(({ target }) => target.secretName), ...rules.previousSecretNames]);
  const namespaces = new Set(snapshot.namespaces.filter(({ terminating }) => !terminating).map(({ name }) => name));
  const present = new Set([...there, ...placements.filter(({ desired }) => desired)].map(placeOf));
  const each = new Map(removedLately.map((place) => [placeOf(place), place])).values();
  return [...each].filter(
    (place) => names.has(place.secretName) && namespaces.has(place.namespace) && !present.has(placeOf(place)),
  );
}
