import type { Placement, PlanRules } from './placement.ts';
import { namespacePlanner, type PlanInput } from './plan-namespace.ts';
import { type WithheldRemovals, withheldOf } from './removal-limit.ts';
import { withoutCopyRemovals, withoutReferenceRemovals } from './removals.ts';

export interface Plan extends WithheldRemovals {
  placements: Placement[];
}

/**
 * What has to be done so that every namespace is as it should be. A pure function: what the command `plan` prints is
 * what `sync` does. Namespaces that are being deleted are left out, and so is what nobody wants and nobody has.
 *
 * Where a run would remove more copies than `maxRemovePercent` allows, it removes none: a typo in a glob must not empty
 * a cluster. What was removed lately counts with what goes now, so that none is emptied step by step either. Copies of
 * `previousSecretNames` do not count where their namespace is selected: somebody named them for removal, all of them are
 * due at about the same time, and each goes only once the name of now is in line. References to copies that stay are
 * counted by themselves, in the same way: a typo in a glob of ServiceAccounts takes the pods' logins away, too.
 */
export function plan(input: PlanInput): Plan {
  const placements = planPlacements(input);
  const withheld = withheldOf(placements, input);
  return { placements: withhold(placements, withheld, input.rules), ...withheld };
}

/** The placements without the removals of a kind that is withheld. */
export function withhold(
  placements: readonly Placement[],
  { withheldCopies, withheldReferences }: WithheldRemovals,
  rules: PlanRules,
): Placement[] {
  const left = withheldCopies ? withoutCopyRemovals(placements) : [...placements];
  return withheldReferences ? withoutReferenceRemovals(left, rules) : left;
}

/** Every placement, however many copies go. */
export function planPlacements(input: PlanInput): Placement[] {
  const planNamespace = namespacePlanner(input);
  return input.snapshot.namespaces
    .filter(({ terminating }) => !terminating)
    .flatMap(planNamespace)
    .filter(({ desired, actions, conflicts }) => desired || actions.length > 0 || conflicts.length > 0);
}
