import { keyOf, type Removal } from '../plan/removals.ts';

/**
 * For how long a removal counts with those that come after it: milliseconds. Longer than from one look at everything to the
 * next, so that a look that withholds removals comes before it.
 */
const memory = 7_200_000;

/**
 * What a follower removed lately. Each of its looks alone would let half of what is left go, so that namespaces that leave the
 * selection one after the other would lose all of their copies.
 */
export interface RemovedLately {
  /**
   * What counts with the removals of a pass. What went under a higher limit was meant: somebody allowed it for a while.
   *
   * @param now milliseconds
   */
  under(maxRemovePercent: number, now: number): Removal[];
  /** A pass removed something, or may have. */
  note(removals: readonly Removal[], now: number): void;
  /** A look at everything withheld removals, or did not. As long as one does nothing is forgotten: somebody has to act. */
  looked(withholds: boolean): void;
}

export function createRemovedLately(): RemovedLately {
  const removed = new Map<string, { removal: Removal; at: number }>();
  let limit = 0;
  let isHeld = false;
  return {
    under(maxRemovePercent, now) {
      if (maxRemovePercent < limit) removed.clear();
      limit = maxRemovePercent;
      for (const [key, { at }] of removed) if (!isHeld && now - at >= memory) removed.delete(key);
      return [...removed.values()].map(({ removal }) => removal);
    },
    note(removals, now) {
      for (const removal of removals) removed.set(keyOf(removal), { removal, at: now });
    },
    looked(withholds) {
      isHeld = withholds;
    },
  };
}
