/** However few there are, this many may always be removed. */
const alwaysRemovable = 5;

/** What counts where something is to be removed, each by the secret name that it is about. */
export interface Counted {
  removals: readonly Named[];
  /** What went lately, and is neither back nor wanted again. */
  gone: readonly Named[];
  /** What there is now. */
  there: readonly Named[];
}

interface Named {
  secretName: string;
}

/** Removals that are too many, so that none of them is done. */
export interface Withheld {
  removals: number;
  /** So many went lately, and count as if they went now. */
  gone: number;
}

/**
 * The removals where they are too many of all, or of those of one name: another target's must not hide what a typo removes.
 * What went lately counts with them, or what goes one after the other would never be too many.
 *
 * @param percent how much of what there was may go
 */
export function tooMany({ removals, gone, there }: Counted, percent: number): Withheld | undefined {
  if (removals.length === 0) return undefined;
  const exceeds = (isMeant: (one: Named) => boolean) => {
    const count = (all: readonly Named[]) => all.filter(isMeant).length;
    const [removed, of] = [count(removals) + count(gone), count(there) + count(gone)];
    return removed > Math.max(alwaysRemovable, (of * percent) / 100);
  };
  const names = new Set(removals.map(({ secretName }) => secretName));
  const isTooMuch = exceeds(() => true) || [...names].some((name) => exceeds(({ secretName }) => secretName === name));
  return isTooMuch ? { removals: removals.length, gone: gone.length } : undefined;
}
