import type { SecretRecord } from '../../job/src/cluster/cluster.ts';
import { toFields } from './fields.ts';
import type { Configured } from './knowledge.ts';
import { managedNames, ownerOf } from './wishes.ts';

/** However few copies there are, this many may always be removed. */
const alwaysRemovable = 5;

/**
 * Whether a process removed more of the copies that its last full look showed than it may, of all and of each name.
 *
 * @param removed when each copy was removed, by `<secret name> <namespace>`
 */
export function tooMany(knowledge: Configured, removed: ReadonlyMap<string, number>): string | undefined {
  const counts = managedNames(knowledge.config).map((name) => {
    const copies = knowledge.seen(name).filter((secret) => isOurs(secret, knowledge));
    const gone = copies.filter(({ namespace }) => {
      const at = removed.get(`${name} ${namespace}`);
      return at !== undefined && at > knowledge.heardOfSecret('', name);
    });
    return { name, copies: copies.length, removed: gone.length };
  });
  const sum = (key: 'copies' | 'removed') => counts.reduce((total, count) => total + count[key], 0);
  const all = { name: 'any name', copies: sum('copies'), removed: sum('removed') };
  const broken = [all, ...counts].find(
    (count) => count.removed > Math.max(alwaysRemovable, (count.copies * knowledge.config.maxRemovePercent) / 100),
  );
  return broken && `${broken.removed} of ${broken.copies} copies of ${broken.name} were removed`;
}

function isOurs({ namespace, labels, annotations }: SecretRecord, { config }: Configured): boolean {
  const fields = new Map([...toFields('labels', labels), ...toFields('annotations', annotations)]);
  return ownerOf({ namespace, fields }, config) === 'ours';
}
