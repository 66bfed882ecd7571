import type { NamespaceRecord } from '../../job/src/cluster/cluster.ts';
import type { Config, Release, Target } from '../../job/src/config/config.ts';
import type { StoredObject } from './model.ts';
import { release } from './names.ts';

/*
 * What the configuration wants, said a second time and from the design alone: a fault in the job's own selection or
 * ownership must not hide itself from its judge. Nothing here calls the job's code.
 */

/** What shall become of one secret name in one namespace. */
export type Wish =
  | { kind: 'wanted'; targets: [Target] }
  /** In use once: the copy holds what these targets give, and no ServiceAccount names it. */
  | { kind: 'retired'; targets: Target[] }
  /** Nobody wants it: what we added goes. */
  | { kind: 'absent' };

/** `undefined`: the configuration does not speak of that name, or the namespace is being deleted. */
export function wishFor(config: Config, namespace: NamespaceRecord, secretName: string): Wish | undefined {
  if (namespace.terminating || !managedNames(config).includes(secretName)) return undefined;
  const covering = config.targets.filter((target) => covers(target, namespace));
  if (!config.targets.some((target) => target.secretName === secretName)) {
    return covering.length > 0 ? { kind: 'retired', targets: firstOfEachName(covering) } : absent;
  }
  const target = covering.find((one) => one.secretName === secretName);
  return target ? { kind: 'wanted', targets: [target] } : absent;
}

const absent: Wish = { kind: 'absent' };

function firstOfEachName(targets: Target[]): Target[] {
  return targets.filter((one, index) => targets.findIndex(({ secretName }) => secretName === one.secretName) === index);
}

export function managedNames({ targets, previousSecretNames }: Config): string[] {
  return [...new Set([...targets.map(({ secretName }) => secretName), ...previousSecretNames])];
}

/** Whether a target takes a namespace in. */
export function covers({ namespaces: rules }: Target, { name, labels, annotations }: NamespaceRecord): boolean {
  const system = ['kube-system', 'kube-public', 'kube-node-lease'];
  if (annotations['pullsecret-sync.io/exclude'] === 'true') return false;
  if (annotations['k8s.titansoft.com/imagepullsecret-patcher-exclude'] === 'true') return false;
  if (rules.excludeSystem && system.includes(name)) return false;
  return fitsAny(rules.include, name) && !fitsAny(rules.exclude, name) && fitsLabels(rules.selector, labels);
}

/** Whether a target wants the reference in a ServiceAccount. */
export function wantsAccount(
  { serviceAccounts: { include, exclude } }: Target,
  account: Pick<StoredObject, 'name' | 'fields'>,
): boolean {
  const excluded = account.fields.get('annotations/pullsecret-sync.io/exclude') === 'true';
  return !excluded && fitsAny(include, account.name) && !fitsAny(exclude, account.name);
}

/** Whether our references in a ServiceAccount shall go however many they are: a list says so. */
export function isNamedForRemoval(
  { name }: { name: string },
  { serviceAccounts }: Target,
  { previousServiceAccounts }: Config,
): boolean {
  return fitsAny(previousServiceAccounts, name) && !fitsAny(serviceAccounts.include, name);
}

/** Whether the rights that follow from the configuration let a run see a ServiceAccount at all. */
export function canSee({ targets, previousServiceAccounts }: Config, { name }: { name: string }): boolean {
  const globs = [...targets.flatMap(({ serviceAccounts }) => serviceAccounts.include), ...previousServiceAccounts];
  return globs.some((glob) => /[*?]/.test(glob)) || globs.includes(name);
}

export type Owner = 'ours' | 'patcher' | 'protected' | 'foreign';

/** Whose a Secret is. */
export function ownerOf(
  { fields, namespace }: Pick<StoredObject, 'fields' | 'namespace'>,
  { previousReleases }: Config,
): Owner {
  const label = fields.get('labels/app.kubernetes.io/managed-by');
  const owner = fields.get('annotations/pullsecret-sync.io/owner');
  // Whoever took a copy over with Helm owns it, whatever marks of ours are left.
  if (label === 'Helm') return 'protected';
  const marked = label === 'pullsecret-sync' || fields.get('annotations/pullsecret-sync.io/adopted') === 'true';
  if (marked && owner !== undefined) {
    if ([release, ...previousReleases].some((one) => owner === `${textOf(one)}/${namespace}`)) return 'ours';
    if (owner.endsWith(`/${namespace}`)) return 'protected';
  }
  const patcher = fields.get('annotations/app.kubernetes.io/managed-by') === 'imagepullsecret-patcher';
  return patcher ? 'patcher' : 'foreign';
}

/** A source is never written, whatever name it has. */
export function isSource({ targets }: Config, { namespace, name }: { namespace: string; name: string }): boolean {
  const sources = targets.flatMap((target) => target.sources);
  return namespace === release.namespace && sources.some((one) => 'secret' in one && one.secret === name);
}

/** The entries of the mark on a ServiceAccount that stand for our own references to a secret name. */
export function ourMarks({ previousReleases }: Config, secretName: string): string[] {
  return [release, ...previousReleases].map((one) => `${textOf(one)}:${secretName}`);
}

export function marksOf({ fields }: Pick<StoredObject, 'fields'>): string[] {
  return (fields.get('annotations/pullsecret-sync.io/added') ?? '').split(',').filter((mark) => mark !== '');
}

function textOf({ namespace, name }: Release): string {
  return `${namespace}/${name}`;
}

function fitsAny(globs: readonly string[], name: string): boolean {
  return globs.some((glob) => fits(glob, name));
}

/** The simulation's globs have one sign at most, at their end. */
function fits(glob: string, name: string): boolean {
  const stem = glob.slice(0, -1);
  if (glob.endsWith('*')) return name.startsWith(stem);
  if (glob.endsWith('?')) return name.startsWith(stem) && name.length === glob.length;
  return name === glob;
}

function fitsLabels(selector: Target['namespaces']['selector'], labels: Record<string, string>): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (labels[key] !== value) return false;
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const value = labels[key];
    if (operator === 'Exists' && value === undefined) return false;
    if (operator === 'DoesNotExist' && value !== undefined) return false;
    if (operator === 'In' && !(value !== undefined && values.includes(value))) return false;
    if (operator === 'NotIn' && value !== undefined && values.includes(value)) return false;
  }
  return true;
}
