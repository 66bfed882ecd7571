import { ownershipOf } from './ownership.ts';
import { isCopyRemoval, type Placement } from './placement.ts';
import { namespacePlanner, type PlanInput } from './plan-namespace.ts';

export interface Plan {
  placements: Placement[];
  /** Copies that would have been removed, had they not been too many (`maxRemovePercent`). */
  withheldRemovals: number;
}

/** However few copies there are, this many may always be removed. */
const alwaysRemovable = 5;

/**
 * What has to be done so that every namespace is as it should be. A pure function: what the command `plan` prints is
 * what `sync` does. Namespaces that are being deleted are left out, and so is what nobody wants and nobody has.
 *
 * Where a run would remove more copies than `maxRemovePercent` allows, it removes none: a typo in a glob must not empty
 * a cluster. Copies of `previousSecretNames` do not count where their namespace is selected: somebody named them for
 * removal, all of them are due at about the same time, and each goes only once the name of now is in line.
 */
export function plan(input: PlanInput): Plan {
  const placements = planPlacements(input);
  const removals = placements.filter(removesCopy);
  if (!areTooMany(removals, input)) return { placements, withheldRemovals: 0 };
  return { placements: withoutRemovals(placements), withheldRemovals: removals.length };
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

/** Too many of all copies, or of the copies of one name: another target's copies must not hide what a typo removes. */
function areTooMany(removals: readonly Placement[], { rules, snapshot }: PlanInput): boolean {
  const copies = snapshot.secrets().filter((secret) => ownershipOf(secret, rules).kind === 'ours');
  const exceeds = (removed: number, of: number) =>
    removed > Math.max(alwaysRemovable, (of * rules.maxRemovePercent) / 100);
  const names = new Set(removals.map(({ secretName }) => secretName));
  return (
    exceeds(removals.length, copies.length) ||
    [...names].some((name) =>
      exceeds(
        removals.filter(({ secretName }) => secretName === name).length,
        copies.filter((copy) => copy.name === name).length,
      ),
    )
  );
}
