import type { Config } from '../../job/src/config/config.ts';
import { foreignField, listOf, sameList } from './change.ts';
import { serviceAccountRecord } from './cluster-model.ts';
import type { Knowledge } from './knowledge.ts';
import type { StoredObject } from './model.ts';
import { managedNames, marksOf, ourMarks, type Wish, wantsAccount } from './wishes.ts';

const ownFields = ['imagePullSecrets', 'annotations/pullsecret-sync.io/added'];

/** What a patch of a ServiceAccount did. */
export interface AccountChange {
  before: StoredObject;
  after: StoredObject;
  added: string[];
  removed: string[];
}

/** Reads from the marks which references a patch was about; a text says what else it did. */
export function readChange(before: StoredObject, after: StoredObject, config: Config): AccountChange | string {
  const changed = foreignField(before, after, ownFields);
  if (changed !== undefined) return `${changed} changed`;
  const [had, has, was, is] = [marksOf(before), marksOf(after), listOf(before), listOf(after)];
  const names = managedNames(config);
  const all = names.flatMap((name) => ourMarks(config, name));
  const others = (marks: string[]) => marks.filter((mark) => !all.includes(mark));
  if (!sameList(others(had), others(has))) return `the marks of others were ${others(had)} and are ${others(has)}`;

  const of = (marks: string[], name: string) => marks.filter((mark) => ourMarks(config, name).includes(mark));
  const added = names.filter((name) => {
    // A reference that somebody took out comes back under the mark that is still there.
    const anew = is.includes(name) && !was.includes(name);
    return of(has, name).length > 0 && (anew || !sameList(of(had, name), of(has, name)));
  });
  const removed = names.filter((name) => of(had, name).length > 0 && of(has, name).length === 0);
  const stay = is.filter((name) => !added.includes(name) || was.includes(name));
  const gone = was.filter((name) => !removed.includes(name));
  if (!sameList(stay, gone) || !sameList(is.slice(0, stay.length), stay)) return `the list ${was} became ${is}`;
  if (!added.every((name) => is.includes(name))) return 'a mark without a reference';
  return { before, after, added, removed };
}

/** What a wish does not allow in a change of the reference to one secret name. */
export function brokenReference(
  wish: Wish,
  secretName: string,
  { before, after, added }: AccountChange,
  { config, content, role }: Pick<Knowledge, 'content' | 'role'> & { config: Config },
): string | undefined {
  if (wish.kind !== 'absent' && content(wish.targets) === undefined) return 'a write for a target with a bad source';
  const wanted = wish.kind === 'wanted' && wantsAccount(wish.targets[0], before);
  const isAddition = added.includes(secretName);
  if (isAddition && !wanted) return 'a reference that nobody wants';
  if (!isAddition && wanted) return 'a reference that is wanted was taken out';

  const { listAppliedBy } = serviceAccountRecord(before);
  const touched = listOf(before).includes(secretName) !== listOf(after).includes(secretName);
  if (!touched || listAppliedBy === undefined) return undefined;
  const skipApplied = config.targets.some(({ serviceAccounts }) => serviceAccounts.skipApplied);
  const judged = isAddition || role === 'run';
  return skipApplied && judged ? `the list is ${listAppliedBy}'s` : undefined;
}
