import { isDeepStrictEqual } from 'node:util';
import type { V1ObjectMeta, V1Secret, V1ServiceAccount } from '@kubernetes/client-node';
import { type Book, builder, type Landscape, owner, type Place } from './landscape.ts';
import { secretName } from './support.ts';

const ours = { label: 'app.kubernetes.io/managed-by', value: 'pullsecret-sync', added: 'pullsecret-sync.io/added' };
const host = 'registry.example.com';

/**
 * What is not as it has to be: a login that is missing, too many or not the right one, a list that lacks an entry of its own,
 * has another order, or ours not exactly once, a copy that was made anew without need, and whatever somebody lost. It knows
 * what people did and which copies it saw before, reads the cluster, and uses nothing of the job.
 */
export async function judge({ core, book }: Landscape): Promise<string[]> {
  const [secrets, accounts] = await Promise.all([
    core.listSecretForAllNamespaces(),
    core.listServiceAccountForAllNamespaces(),
  ]);
  const secretAt = new Map(secrets.items.map((secret) => [key(secret.metadata), secret]));
  const accountAt = new Map(accounts.items.map((account) => [key(account.metadata), account]));
  const faults: string[] = [];
  for (const place of book.places.values()) {
    const [copy, own] = [secretAt.get(`${place.name}/${secretName}`), accountAt.get(`${place.name}/default`)];
    const fault = [wrongCopy(copy, place, book), wrongAccount(own, place)].filter((one) => one !== undefined);
    faults.push(...fault.map((what) => `${place.name}: ${what}`));
  }
  for (const [place, before] of book.foreign) {
    if (isLost(before, secretAt.get(place), book)) faults.push(`${place}: the foreign Secret is not what it was`);
  }
  for (const account of accounts.items.filter(({ metadata }) => metadata?.name === builder.name)) {
    const isSame = isDeepStrictEqual(listOf(account), builder.list) && has(account.metadata, owner);
    if (!isSame) faults.push(`${key(account.metadata)}: the ServiceAccount is not what it was`);
  }
  for (const { metadata } of secrets.items.filter(({ metadata }) => metadata?.labels?.[ours.label] === ours.value)) {
    if (!book.places.has(metadata?.namespace ?? '')) faults.push(`${key(metadata)}: nobody wants it there`);
  }
  return faults;
}

function wrongCopy(copy: V1Secret | undefined, place: Place, { logins, copies }: Book): string | undefined {
  if (place.foreignCopy === 'kept') return undefined;
  if (place.excluded) return copy && 'it has a copy although it is excluded';
  if (!copy) return 'it has no copy';
  const auths = { [host]: { auth: Buffer.from(logins[place.tier]).toString('base64') } };
  const text = Buffer.from(copy.data?.['.dockerconfigjson'] ?? '', 'base64').toString();
  if (!isDeepStrictEqual(parsed(text), { auths })) return `its copy does not hold the login of ${place.tier}`;
  const { uid = '' } = copy.metadata ?? {};
  if ((copies.get(place.name) ?? uid) !== uid) return 'its copy was made anew';
  // An immutable one cannot take the next login.
  if (!copy.immutable) copies.set(place.name, uid);
  return undefined;
}

function wrongAccount(account: V1ServiceAccount | undefined, place: Place): string | undefined {
  if (!account) return 'it has no ServiceAccount';
  const list = listOf(account);
  const wanted = place.excluded || place.foreignCopy === 'kept' ? 0 : 1;
  const count = list.filter((name) => name === secretName).length;
  if (count !== wanted) return `our reference is there ${count} times`;
  const others = list.filter((name) => name !== secretName);
  if (!isDeepStrictEqual(others, place.list)) return `its list is ${list}, and people wrote ${place.list}`;
  if ((account.metadata?.annotations?.[ours.added] !== undefined) !== (wanted === 1)) return 'the mark is wrong';
  const isFurnished = place.name.startsWith('team-');
  if (isFurnished && !(has(account.metadata, owner) && account.secrets?.[0]?.name === 'own'))
    return 'its ServiceAccount lost something';
  return undefined;
}

function isLost(before: V1Secret, now: V1Secret | undefined, { places }: Book): boolean {
  if (!now || now.metadata?.uid !== before.metadata?.uid || now.type !== before.type) return true;
  const { name, namespace = '' } = before.metadata ?? {};
  if (name === secretName && places.get(namespace)?.foreignCopy === 'adopted') return !has(now.metadata, owner);
  const what = ({ metadata, data }: V1Secret) => [metadata?.labels, metadata?.annotations, data];
  return !isDeepStrictEqual(what(now), what(before));
}

function has(metadata: V1ObjectMeta | undefined, { labels, annotations }: typeof owner): boolean {
  const within = (part: object, whole: Record<string, string> | undefined) =>
    Object.entries(part).every(([name, value]) => whole?.[name] === value);
  return within(labels, metadata?.labels) && within(annotations, metadata?.annotations);
}

function listOf({ imagePullSecrets = [] }: V1ServiceAccount): Array<string | undefined> {
  return imagePullSecrets.map(({ name }) => name);
}

function key(metadata: V1ObjectMeta | undefined): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
