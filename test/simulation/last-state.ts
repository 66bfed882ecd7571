import type { Config, Target } from '../../job/src/config/config.ts';
import { copyType } from '../../job/src/credentials/docker-config.ts';
import { listOf } from './change.ts';
import { configNow } from './configuration.ts';
import {
  hasKeptSecret,
  isAppliedWithout,
  isKept,
  isKeptFrom,
  mayStay,
  type Place,
  type Successor,
} from './conflicts.ts';
import { contentField, retiredField } from './judge-secret.ts';
import type { Model, StoredObject } from './model.ts';
import { release } from './names.ts';
import { contentNow } from './sources.ts';
import {
  canSee,
  isSource,
  managedNames,
  marksOf,
  ourMarks,
  ownerOf,
  type Wish,
  wantsAccount,
  wishFor,
} from './wishes.ts';

/**
 * What is not as the configuration wants it, told from the model alone; `undefined` where all is in line. Foreign
 * Secrets, and lists that another tool applies, stay as they are, and so does all that concerns a target with a bad
 * source.
 *
 * @param since when the run began that has to have seen to it: milliseconds
 */
export function outOfLine(model: Model, since: number): string | undefined {
  const config = configNow(model) as Config;
  for (const record of model.namespaces.values()) {
    const inside = managedNames(config).flatMap((name) => {
      const wish = wishFor(config, record, name);
      const secret = model.get({ resource: 'secrets', namespace: record.name, name });
      return wish ? [{ wish, place: { model, config, namespace: record.name, name, secret } }] : [];
    });
    const successors = inside.flatMap(({ wish, place }) =>
      wish.kind === 'wanted' && contentNow(model, wish.targets) !== undefined
        ? [{ target: wish.targets[0], place }]
        : [],
    );
    // What nobody wants any more stays until what is wanted is there.
    const waits = inside.some(({ wish, place }) => wish.kind === 'wanted' && !isInPlace(place));
    for (const { wish, place } of inside) {
      const wrong = wish.kind === 'absent' && waits ? undefined : wrongPlace(wish, place, successors, since);
      if (wrong !== undefined) return `${place.name} in ${record.name}: ${wrong}`;
    }
  }
  return undefined;
}

/** What is left of the release where its configuration says that it may be; `undefined` where nothing is. */
export function anythingLeft(model: Model): string | undefined {
  const config = configNow(model) as Config;
  for (const { name: namespace, terminating } of model.namespaces.values()) {
    for (const name of terminating ? [] : managedNames(config)) {
      const place = { model, config, namespace, name, secret: model.get({ resource: 'secrets', namespace, name }) };
      const left = copyLeft(place) ?? referenceLeft(place, () => false);
      if (left !== undefined) return `${name} in ${namespace}: ${left}`;
    }
  }
  return undefined;
}

function wrongPlace(wish: Wish, place: Place, successors: Successor[], since: number): string | undefined {
  if (wish.kind === 'absent') {
    return copyLeft(place) ?? referenceLeft(place, (account) => mayStay(account, place));
  }
  const content = contentNow(place.model, wish.targets);
  if (content === undefined) return undefined;
  if (wish.kind === 'retired') {
    return wish.targets.some((one) => isGoneSource(one, place))
      ? undefined
      : retiredWrong(place, content, successors, since);
  }
  return wantedWrong(place, content, wish.targets[0]);
}

function isInPlace({ config, secret }: Place): boolean {
  return secret !== undefined && (isSource(config, secret) || ownerOf(secret, config) === 'ours');
}

/** Here the source of some target has the name of this one's copy, and is gone: no copy takes the old one's place. */
function isGoneSource({ secretName: name }: Target, { model, config, namespace }: Place): boolean {
  return isSource(config, { namespace, name }) && !model.get({ resource: 'secrets', namespace, name });
}

function wantedWrong(place: Place, content: string, target: Target): string | undefined {
  const { config, secret } = place;
  const isWanted = (account: StoredObject) => wantsAccount(target, account) || mayStay(account, place);
  // A source that has the copy's name is the copy; where it is gone nobody puts another in its place.
  if (!secret) return isSource(config, place) ? undefined : 'no copy';
  if (!isSource(config, secret)) {
    const owner = ownerOf(secret, config);
    if (isKept(owner, target)) return referenceLeft(place, isWanted);
    if (owner !== 'ours') return `the Secret was not taken over, it is ${owner}`;
    if (secret.fields.has(retiredField)) return 'the copy is retired';
    const wrong = copyWrong(secret, content);
    if (wrong !== undefined) return wrong;
  }
  return referenceMissing(place, target) ?? referenceLeft(place, isWanted);
}

function retiredWrong(place: Place, content: string, successors: Successor[], since: number): string | undefined {
  const { model, config, namespace, name, secret } = place;
  const waits = (account: StoredObject) => successors.some((one) => isKeptFrom(account, one));
  const accounts = model.list('serviceaccounts', { namespace });
  // The old name stays for as long as the one that takes its place cannot be brought in line.
  const isNeeded = successors.some(hasKeptSecret) || accounts.some((one) => waits(one) && listOf(one).includes(name));
  const left = referenceLeft(place, (account) => waits(account) || mayStay(account, place));
  if (left !== undefined || !secret || isSource(config, secret) || ownerOf(secret, config) !== 'ours') return left;
  const retiredAt = secret.fields.get(retiredField);
  if (retiredAt === undefined) return 'the copy has no time of retirement';
  const over = since - Date.parse(retiredAt) >= config.retireAfter;
  return over && !isNeeded ? 'the retired copy is still there' : copyWrong(secret, content);
}

function copyWrong({ fields, namespace }: StoredObject, content: string): string | undefined {
  const owner = `${release.namespace}/${release.name}/${namespace}`;
  if (fields.get('annotations/pullsecret-sync.io/owner') !== owner) return 'the copy has not our owner mark';
  if (fields.get('type') !== copyType) return 'the copy has the wrong type';
  return fields.get(contentField) === content ? undefined : 'the copy is not current';
}

function copyLeft({ config, secret }: Place): string | undefined {
  const left = secret && !isSource(config, secret) && ownerOf(secret, config) === 'ours';
  return left ? 'a copy of ours is left' : undefined;
}

function referenceMissing({ model, config, namespace, name }: Place, target: Target): string | undefined {
  const [own] = ourMarks(config, name) as [string];
  for (const account of model.list('serviceaccounts', { namespace })) {
    if (!wantsAccount(target, account)) continue;
    if (isAppliedWithout(account, name, target)) continue;
    if (!listOf(account).includes(name)) return `no reference in ${account.name}`;
    const marks = marksOf(account);
    if (!marks.includes(own) && marks.some((mark) => ourMarks(config, name).includes(mark))) {
      return `the reference in ${account.name} still has another release's mark`;
    }
  }
  return undefined;
}

/** A reference of ours in a ServiceAccount where it is not in place. */
function referenceLeft(
  { model, config, namespace, name }: Place,
  isInPlace: (account: StoredObject) => boolean,
): string | undefined {
  const ours = ourMarks(config, name);
  for (const account of model.list('serviceaccounts', { namespace })) {
    if (!canSee(config, account) || isInPlace(account)) continue;
    if (marksOf(account).some((mark) => ours.includes(mark))) return `a reference of ours is left in ${account.name}`;
  }
  return undefined;
}
