import type { Config, Target } from '../../job/src/config/config.ts';
import { isInAppliedList } from './change.ts';
import { serviceAccountRecord } from './cluster-model.ts';
import type { Model, StoredObject } from './model.ts';
import { isSource, ownerOf, wantsAccount } from './wishes.ts';

/*
 * What the engine leaves alone although a target wants it: Secrets of others, and lists that another tool declares.
 */

export interface Place {
  model: Model;
  config: Config;
  namespace: string;
  name: string;
  secret: StoredObject | undefined;
}

/** A name that is in use in a namespace, beside one that was. */
export interface Successor {
  target: Target;
  place: Place;
}

/** A reference of ours that stands in a list of another tool may stay there. */
export function mayStay(account: StoredObject, { config, name }: Place): boolean {
  const skipApplied = config.targets.some(({ serviceAccounts }) => serviceAccounts.skipApplied);
  return skipApplied && isInAppliedList(account, name);
}

/** Whether a conflict keeps a ServiceAccount from the name that takes the place of an old one. */
export function isKeptFrom(account: StoredObject, successor: Successor): boolean {
  const { target, place } = successor;
  if (!wantsAccount(target, account)) return false;
  return hasKeptSecret(successor) || isAppliedWithout(account, place.name, target);
}

export function hasKeptSecret({ target, place: { config, secret } }: Successor): boolean {
  return secret !== undefined && !isSource(config, secret) && isKept(ownerOf(secret, config), target);
}

export function isAppliedWithout(account: StoredObject, name: string, { serviceAccounts }: Target): boolean {
  const { imagePullSecrets, listAppliedBy } = serviceAccountRecord(account);
  return serviceAccounts.skipApplied && listAppliedBy !== undefined && !imagePullSecrets.includes(name);
}

export function isKept(owner: ReturnType<typeof ownerOf>, { onConflict }: Target): boolean {
  return owner === 'protected' || (owner === 'foreign' && onConflict === 'keep');
}
