import type { SecretRecord, ServiceAccountRecord } from '../../job/src/cluster/cluster.ts';
import { toFields } from './fields.ts';
import type { Configured } from './knowledge.ts';
import { canSee, isNamedForRemoval, managedNames, marksOf, ourMarks, ownerOf, wantsAccount } from './wishes.ts';

/** However few there are, this many may always be removed. */
const alwaysRemovable = 5;
/** For how long what a process removed counts with what it removes: milliseconds. */
const memory = 7_200_000;

/** When something was removed. */
export interface Removal {
  /** In changes of the model. */
  at: number;
  /** Milliseconds. */
  time: number;
}

/** When each copy was removed, by `<secret name> <namespace>`, and each reference, with ` <ServiceAccount>` after that. */
export type Removals = ReadonlyMap<string, Removal>;

/**
 * Whether a process removed more copies than it may, of all and of each name: of those that its last full look showed, and of
 * those that it removed before and nobody wants there any more. A copy that is back does not count as removed.
 *
 * @param now milliseconds
 */
export function tooManyCopies(knowledge: Configured, removed: Removals, now: number): string | undefined {
  const counts = managedNames(knowledge.config).map((name) => {
    const copies = knowledge.seen(name).filter((secret) => isOurs(secret, knowledge));
    const shown = new Set(copies.map(({ namespace }) => `${name} ${namespace}`));
    const gone = [...shown].filter((place) => wentSince(removed.get(place), knowledge.heardOfSecret('', name)));
    const goneBefore = knowledge.namespacesAtLook().filter((namespace) => {
      const place = `${name} ${namespace}`;
      if (shown.has(place) || !stillCounts(removed.get(place), knowledge, now)) return false;
      return knowledge.wishAtLook(namespace, name)?.kind === 'absent';
    });
    return { name, there: shown.size + goneBefore.length, removed: gone.length + goneBefore.length };
  });
  return overLimit('copies', counts, knowledge);
}

/** The same for references to copies that stay: of all that its last full look showed, and those that it took out before. */
export function tooManyReferences(knowledge: Configured, removed: Removals, now: number): string | undefined {
  const { config } = knowledge;
  const accounts = knowledge.accountsAtLook().filter((account) => canSee(config, account));
  const counts = managedNames(config).map((name) => {
    const shown = accounts.filter((account) => isReferenced(name, account, knowledge));
    const removal = (account: ServiceAccountRecord) => removed.get(`${name} ${account.namespace} ${account.name}`);
    const gone = shown.filter((account) => wentSince(removal(account), knowledge.heardOfAccount('', account.name)));
    const goneBefore = accounts.filter(
      (account) =>
        !shown.includes(account) &&
        stillCounts(removal(account), knowledge, now) &&
        isUnwanted(name, account, knowledge),
    );
    return { name, there: shown.length + goneBefore.length, removed: gone.length + goneBefore.length };
  });
  return overLimit('references', counts, knowledge);
}

/** Whether the last full look showed a reference of ours, to a copy that stays, in a ServiceAccount that is not to have it. */
export function mayLoseReference(
  name: string,
  place: { namespace: string; name: string },
  knowledge: Configured,
): boolean {
  return knowledge
    .accountsAtLook()
    .some(
      (account) =>
        account.namespace === place.namespace &&
        account.name === place.name &&
        isReferenced(name, account, knowledge) &&
        isUnwanted(name, account, knowledge),
    );
}

function wentSince(removal: Removal | undefined, since: number): boolean {
  return removal !== undefined && removal.at > since;
}

function stillCounts(removal: Removal | undefined, { limitLowered }: Configured, now: number): boolean {
  return removal !== undefined && now - removal.time < memory && removal.time > limitLowered;
}

function overLimit(
  what: string,
  counts: ReadonlyArray<{ name: string; there: number; removed: number }>,
  { config }: Configured,
): string | undefined {
  const sum = (key: 'there' | 'removed') => counts.reduce((total, count) => total + count[key], 0);
  const all = { name: 'any name', there: sum('there'), removed: sum('removed') };
  const broken = [all, ...counts].find(
    ({ there, removed }) => removed > Math.max(alwaysRemovable, (there * config.maxRemovePercent) / 100),
  );
  return broken && `${broken.removed} of ${broken.there} ${what} of ${broken.name} were removed`;
}

function isReferenced(name: string, account: ServiceAccountRecord, { config }: Configured): boolean {
  const ours = ourMarks(config, name);
  return account.imagePullSecrets.includes(name) && marksOf(withFields(account)).some((mark) => ours.includes(mark));
}

function isUnwanted(name: string, account: ServiceAccountRecord, knowledge: Configured): boolean {
  const wish = knowledge.wishAtLook(account.namespace, name);
  if (wish?.kind !== 'wanted') return false;
  const [target] = wish.targets;
  return !wantsAccount(target, withFields(account)) && !isNamedForRemoval(account, target, knowledge.config);
}

function withFields({ name, annotations }: ServiceAccountRecord) {
  return { name, fields: new Map(toFields('annotations', annotations)) as Map<string, string> };
}

function isOurs({ namespace, labels, annotations }: SecretRecord, { config }: Configured): boolean {
  const fields = new Map([...toFields('labels', labels), ...toFields('annotations', annotations)]);
  return ownerOf({ namespace, fields }, config) === 'ours';
}
