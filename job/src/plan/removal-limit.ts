import { ownershipOf } from './ownership.ts';
import { type CopyPlace, type Placement, placeOf } from './placement.ts';
import type { PlanInput } from './plan-namespace.ts';
import { isOurReference } from './plan-references.ts';
import { isNamedForRemoval, keyOf, type Removal, removalsOf } from './removals.ts';
import { serviceAccountSelector } from './selection.ts';

/** However few there are, this many may always be removed. */
const alwaysRemovable = 5;

/** What would be removed too much of (`maxRemovePercent`), so that none of it is; `undefined`: nothing. */
export interface WithheldRemovals {
  withheldCopies: Withheld | undefined;
  /** References to copies that stay. */
  withheldReferences: Withheld | undefined;
}

export interface Withheld {
  removals: number;
  /** So many went lately, and count as if they went now. */
  gone: number;
}

export const nothingWithheld: WithheldRemovals = { withheldCopies: undefined, withheldReferences: undefined };

export function isAnyWithheld({ withheldCopies, withheldReferences }: WithheldRemovals): boolean {
  return withheldCopies !== undefined || withheldReferences !== undefined;
}

/** What a plan for all namespaces would remove too much of. */
export function withheldOf(placements: readonly Placement[], input: PlanInput): WithheldRemovals {
  const all = placements.flatMap((placement) => removalsOf(placement, input.rules));
  const withheld = (isMeant: (removal: Removal) => boolean, around: typeof copiesAround) => {
    const removals = all.filter(isMeant);
    // Most plans remove nothing, and need not count what there is.
    if (removals.length === 0) return undefined;
    return tooMany({ removals, ...around(placements, input) }, input.rules.maxRemovePercent);
  };
  return {
    withheldCopies: withheld(isOfCopy, copiesAround),
    withheldReferences: withheld((removal) => !isOfCopy(removal), referencesAround),
  };
}

interface Counted {
  removals: readonly CopyPlace[];
  /** What went lately, and is neither back nor wanted again. */
  gone: readonly CopyPlace[];
  /** What there is now. */
  there: readonly CopyPlace[];
}

/**
 * The removals where they are too many of all, or of those of one name: another target's must not hide what a typo removes.
 * What went lately counts with them, or what goes one after the other would never be too much.
 */
function tooMany({ removals, gone, there }: Counted, percent: number): Withheld | undefined {
  const exceeds = (isMeant: (one: CopyPlace) => boolean) => {
    const count = (all: readonly CopyPlace[]) => all.filter(isMeant).length;
    const [removed, of] = [count(removals) + count(gone), count(there) + count(gone)];
    return removed > Math.max(alwaysRemovable, (of * percent) / 100);
  };
  const names = new Set(removals.map(({ secretName }) => secretName));
  const isTooMuch = exceeds(() => true) || [...names].some((name) => exceeds(({ secretName }) => secretName === name));
  return isTooMuch ? { removals: removals.length, gone: gone.length } : undefined;
}

type Around = Pick<Counted, 'gone' | 'there'>;

/** Our copies, and those that went lately. Where the namespace is gone too, nobody misses the copy. */
function copiesAround(placements: readonly Placement[], input: PlanInput): Around {
  const { rules, snapshot } = input;
  const copies = snapshot.secrets().filter((secret) => ownershipOf(secret, rules).kind === 'ours');
  const there = copies.map(({ namespace, name }) => ({ namespace, secretName: name }));
  const names = namesOf(input);
  const namespaces = new Set(snapshot.namespaces.filter(({ terminating }) => !terminating).map(({ name }) => name));
  const present = new Set([...there, ...placements.filter(({ desired }) => desired)].map(placeOf));
  const gone = removedLately(input).filter(
    (removal) =>
      isOfCopy(removal) &&
      names.has(removal.secretName) &&
      namespaces.has(removal.namespace) &&
      !present.has(placeOf(removal)),
  );
  return { there, gone };
}

/** Our references, and those that went lately, each where its ServiceAccount and the copy that it named are. */
function referencesAround(placements: readonly Placement[], input: PlanInput): Around {
  const { rules, snapshot } = input;
  const names = [...namesOf(input)];
  const there = snapshot.namespaces.flatMap(({ name: namespace }) =>
    snapshot.serviceAccounts(namespace).flatMap((serviceAccount) => {
      const referenced = names.filter((name) => isOurReference(name, serviceAccount, rules));
      return referenced.map((secretName) => ({ namespace, secretName, serviceAccount: serviceAccount.name }));
    }),
  );
  const present = new Set(there.map(keyOf));
  const placementsByPlace = new Map(placements.map((placement) => [placeOf(placement), placement]));
  const isUnwanted = ({ namespace, secretName, serviceAccount: name }: Removal) => {
    const { desired, retired } = placementsByPlace.get(placeOf({ namespace, secretName })) ?? {};
    const serviceAccount = snapshot.serviceAccounts(namespace).find((one) => one.name === name);
    if (!desired || retired || !serviceAccount) return false;
    const { target } = desired;
    const isWanted = serviceAccountSelector(target.serviceAccounts)(serviceAccount);
    return !isWanted && !isNamedForRemoval(serviceAccount.name, target, rules);
  };
  const gone = removedLately(input).filter(
    (removal) => !isOfCopy(removal) && !present.has(keyOf(removal)) && isUnwanted(removal),
  );
  return { there, gone };
}

/** Each once, however often it went. */
function removedLately({ removedLately: removals = [] }: PlanInput): Removal[] {
  return [...new Map(removals.map((removal) => [keyOf(removal), removal])).values()];
}

function namesOf({ rules, targets }: PlanInput): Set<string> {
  return new Set([...targets.map(({ target }) => target.secretName), ...rules.previousSecretNames]);
}

function isOfCopy({ serviceAccount }: Removal): boolean {
  return serviceAccount === undefined;
}
