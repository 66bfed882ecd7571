import type { SecretRecord } from '../../job/src/cluster/cluster.ts';
import { toFields } from './fields.ts';
import type { Configured } from './knowledge.ts';
import { managedNames, ownerOf } from './wishes.ts';

/** However few copies there are, this many may always be removed. */
const alwaysRemovable = 5;
/** For how long what a process removed counts with what it removes: milliseconds. */
const memory = 7_200_000;

/** When a copy was removed. */
export interface Removal {
  /** In changes of the model. */
  at: number;
  /** Milliseconds. */
  time: number;
}

/**
 * Whether a process removed more copies than it may, of all and of each name: of those that its last full look showed, and of
 * those that it removed before and nobody wants there any more. A copy that is back does not count as removed.
 *
 * @param removed when each copy was removed, by `<secret name> <namespace>`
 * @param now milliseconds
 */
export function tooMany(knowledge: Configured, removed: ReadonlyMap<string, Removal>, now: number): string | undefined {
  const counts = managedNames(knowledge.config).map((name) => {
    const copies = knowledge.seen(name).filter((secret) => isOurs(secret, knowledge));
    const shown = new Set(copies.map(({ namespace }) => `${name} ${namespace}`));
    const since = knowledge.heardOfSecret('', name);
    const gone = [...shown].filter((place) => (removed.get(place)?.at ?? 0) > since);
    const goneBefore = [...removed].filter(
      ([place, { time }]) =>
        isOfName(place, name) &&
        !shown.has(place) &&
        now - time < memory &&
        time > knowledge.limitLowered &&
        knowledge.wishAtLook(namespaceOf(place), name)?.kind === 'absent',
    );
    return { name, copies: copies.length + goneBefore.length, removed: gone.length + goneBefore.length };
  });
  const sum = (key: 'copies' | 'removed') => counts.reduce((total, count) => total + count[key], 0);
  const all = { name: 'any name', copies: sum('copies'), removed: sum('removed') };
  const broken = [all, ...counts].find(
    (count) => count.removed > Math.max(alwaysRemovable, (count.copies * knowledge.config.maxRemovePercent) / 100),
  );
  return broken && `${broken.removed} of ${broken.copies} copies of ${broken.name} were removed`;
}

function isOfName(place: string, name: string): boolean {
  return place.startsWith(`${name} `);
}

function namespaceOf(place: string): string {
  return place.slice(place.indexOf(' ') + 1);
}

function isOurs({ namespace, labels, annotations }: SecretRecord, { config }: Configured): boolean {
  const fields = new Map([...toFields('labels', labels), ...toFields('annotations', annotations)]);
  return ownerOf({ namespace, fields }, config) === 'ours';
}
