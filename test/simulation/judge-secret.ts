import type { Config } from '../../job/src/config/config.ts';
import { copyType } from '../../job/src/credentials/docker-config.ts';
import { foreignField } from './change.ts';
import type { Configured } from './knowledge.ts';
import type { Change, StoredObject } from './model.ts';
import { release } from './names.ts';
import { isSource, ownerOf, type Wish } from './wishes.ts';

export const contentField = 'data/.dockerconfigjson';
export const retiredField = 'annotations/pullsecret-sync.io/retired-at';
const labelField = 'labels/app.kubernetes.io/managed-by';
const ownerField = 'annotations/pullsecret-sync.io/owner';
const adoptedField = 'annotations/pullsecret-sync.io/adopted';
/** What reflector and Kyverno find their copies by; see `other-tools-at-work.ts`. */
const tiedPrefixes = ['annotations/reflector.v1.k8s.emberstack.com/', 'labels/generate.kyverno.io/'];
const ownFields = [labelField, ownerField, adoptedField, retiredField, contentField];

/** What a wish does not allow in a change of a Secret that has a copy's name. */
export function brokenSecret(
  wish: Wish,
  { before, after }: Change,
  knowledge: Configured,
  now: number,
): string | undefined {
  const { config } = knowledge;
  const object = (after ?? before) as StoredObject;
  if (isSource(config, object)) return 'a source was written';
  const owner = before && ownerOf(before, config);
  if (owner === 'protected') return "another release's Secret, or Helm's, was touched";
  if (wish.kind === 'absent') return before ? brokenRemoval(before, after, config) : 'a copy that nobody wants';

  const content = knowledge.content(wish.targets);
  if (content === undefined) return 'a write for a target with a bad source';
  const adopts = wish.kind === 'wanted' && wish.targets[0].onConflict === 'adopt';
  if (owner === 'foreign' && !adopts) return 'a foreign Secret was touched';
  if (owner === 'patcher' && wish.kind === 'retired') return 'a Secret was taken over for a name that is used no more';
  if (before && endsCopy(wish, { before, after }, knowledge, now)) return brokenRemoval(before, after, config);
  if (!after) return brokenReplacement(before as StoredObject, content);
  if (before && isUntied(before, after)) return undefined;
  return brokenCopy(wish, { before, after }, config, content);
}

/** Whether, by a wish, a change is the end of a copy, and not a step on the way to another one in its place. */
export function endsCopy(
  wish: Wish,
  { before, after }: Pick<Change, 'before' | 'after'>,
  knowledge: Configured,
  now: number,
): boolean {
  const { config } = knowledge;
  if (!before || (after && ownerOf(after, config) === 'ours')) return false;
  if (wish.kind !== 'retired') return wish.kind === 'absent';
  // One that is over but still needed may have to be replaced.
  const replaced = !after && brokenReplacement(before, knowledge.content(wish.targets)) === undefined;
  return isOver(before, config, now) && !replaced;
}

/** A copy of ours is deleted; what was there before us is handed back, without our marks and else as it was. */
function brokenRemoval(before: StoredObject, after: StoredObject | undefined, config: Config): string | undefined {
  if (ownerOf(before, config) !== 'ours') return 'what is not ours was removed';
  const adopted = before.fields.get(adoptedField) === 'true';
  if (!after) return adopted ? 'a Secret that was there before us was deleted' : undefined;
  if (!adopted) return 'a copy that nobody wants was written';
  const left = [ownerField, adoptedField, retiredField].find((field) => after.fields.has(field));
  if (left !== undefined || after.fields.get(labelField) === 'pullsecret-sync') return 'handed back with our marks';
  const changed = foreignField(before, after, ownFields.slice(0, -1));
  return changed === undefined ? undefined : `handed back with another ${changed}`;
}

/** The first half of an update: what ties the Secret to another tool goes, and nothing else changes. */
export function isUntied(before: StoredObject, after: StoredObject): boolean {
  const ties = [...before.fields].flatMap(([field, value]) => (isTie(field, value) ? [field] : []));
  const left = new Map([...before.fields].filter(([field]) => !ties.includes(field)));
  const same =
    left.size === after.fields.size && [...left].every(([field, value]) => after.fields.get(field) === value);
  return ties.length > 0 && same;
}

function isTie(field: string, value: string): boolean {
  return tiedPrefixes.some((prefix) => field.startsWith(prefix)) || (field === labelField && value === 'kyverno');
}

/** The only deletion of a copy that is wanted: the API lets nobody change what has to change. */
function brokenReplacement(before: StoredObject, content: string | undefined): string | undefined {
  const sealed = before.fields.get('immutable') === 'true' && before.fields.get(contentField) !== content;
  return sealed || before.fields.get('type') !== copyType ? undefined : 'a copy was deleted that could be updated';
}

function brokenCopy(
  wish: Wish,
  { before, after }: { before: StoredObject | undefined; after: StoredObject },
  config: Config,
  content: string,
): string | undefined {
  if (after.fields.get(ownerField) !== `${release.namespace}/${release.name}/${after.namespace}`)
    return 'no owner mark';
  if (ownerOf(after, config) !== 'ours') return 'a copy without our label';
  if (after.fields.get('type') !== copyType) return 'a copy of the wrong type';
  if (after.fields.get(contentField) !== content) return 'a copy does not hold what its sources gave';
  const retiredAt = after.fields.get(retiredField);
  if ((retiredAt !== undefined) !== (wish.kind === 'retired')) return `retired at ${retiredAt}`;
  if (!before) return undefined;
  const was = before.fields.get(retiredField);
  if (was !== undefined && retiredAt !== undefined && retiredAt !== was) return 'the time of retirement changed';
  const foreign = ownerOf(before, config) === 'foreign' || before.fields.get(adoptedField) === 'true';
  if (foreign !== (after.fields.get(adoptedField) === 'true')) return 'the mark of adoption is wrong';
  const label = before.fields.get(labelField);
  if (label !== undefined && label !== after.fields.get(labelField)) return "another tool's label changed";
  const changed = foreignField(before, after, ownFields);
  return changed === undefined ? undefined : `${changed} changed`;
}

function isOver({ fields }: StoredObject, { retireAfter }: Config, now: number): boolean {
  const retiredAt = fields.get(retiredField);
  return retiredAt === undefined ? retireAfter === 0 : now - Date.parse(retiredAt) >= retireAfter;
}
