import type { Random } from '../simulation/random.ts';
import { faultsAfter, faultsBefore } from './fault-kinds.ts';

const before = Object.keys(faultsBefore) as Array<keyof typeof faultsBefore>;
const after = Object.keys(faultsAfter) as Array<keyof typeof faultsAfter>;
/** What can happen to a request: beside these it is late, or nobody can connect for a while. */
const ofRequest = [...before, ...after, 'late', 'refused'] as const;
/** What can happen to a watch when it begins. It has no end, and can be cut later. */
const ofWatch = [...before, 'refused'] as const;
/** All that can happen. */
export const faultKinds = [...ofRequest, 'watchCut'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Decides what goes wrong, and counts it. Each kind has its turn before one comes again. */
export interface FaultDealer {
  counts: ReadonlyMap<FaultKind, number>;
  forRequest(): FaultKind | undefined;
  forWatch(): FaultKind | undefined;
  /** Whether a watch is cut in the middle of what it tells now. */
  cut(): boolean;
}

/** @param rate how often something goes wrong: 0 never, 1 always */
export function dealFaults(random: Random, rate: () => number): FaultDealer {
  const counts = new Map<FaultKind, number>();
  const dealing = (draw: () => FaultKind) => () => {
    if (!random.chance(rate())) return undefined;
    const kind = draw();
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return kind;
  };
  const cut = dealing(() => 'watchCut');
  return {
    counts,
    forRequest: dealing(deck(ofRequest, random)),
    forWatch: dealing(deck(ofWatch, random)),
    cut: () => cut() !== undefined,
  };
}

/** Each once, in an order that chance gives, and so on. */
function deck<Kind>(all: readonly Kind[], random: Random): () => Kind {
  let left: Kind[] = [];
  return () => {
    if (left.length === 0) left = [...all];
    return left.splice(random.below(left.length), 1)[0] as Kind;
  };
}
