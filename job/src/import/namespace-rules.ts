import { someOf } from '../some-of.ts';
import type { NamespaceRules } from './import-description.ts';
import type { PatcherSettings } from './patcher-settings.ts';
import type { Surroundings } from './surroundings.ts';

export interface Occupied {
  /** Namespaces with a Secret of the target. */
  namespaces: string[];
  /** Namespaces with any Secret of the name, Helm's too. */
  held: ReadonlySet<string>;
  /** Namespaces with a Secret of the name that keeps a release out. */
  closed: ReadonlySet<string>;
}

/** The namespaces of a name: all, where no namespace that could have it is without; else exactly the ones that have it. */
export function namespaceRules(
  { namespaces, held, closed }: Occupied,
  surroundings: Surroundings,
): { rules: NamespaceRules; remarks: string[] } {
  const system = namespaces.filter(surroundings.isSystem);
  const excludeSystem = system.length === 0;
  const remarks = excludeSystem ? [] : [`System namespaces have it: ${someOf(system)}.`];
  const without = surroundings.namespaces
    .map(({ name }) => name)
    .filter((name) => !held.has(name) && !closed.has(name));
  const further = without.filter((name) => !surroundings.isSystem(name));
  if (further.length > 0) {
    const rules = { include: namespaces, exclude: [], excludeSystem };
    return {
      rules,
      remarks: [...remarks, `include: ["*"] would give it to these too: ${someOf(further)}.`],
    };
  }
  const exclude = [...closed, ...(excludeSystem ? [] : without)].toSorted();
  return { rules: { include: ['*'], exclude, excludeSystem }, remarks: [...remarks, ...closedRemark(closed)] };
}

/** Exactly these namespaces. */
export function exactNamespaces(namespaces: string[], { isSystem }: Surroundings): NamespaceRules {
  return { include: namespaces, exclude: [], excludeSystem: !namespaces.some(isSystem) };
}

/** The namespaces that imagepullsecret-patcher goes through: all but the ones that it is told to leave out. */
export function patcherNamespaces(
  { excludedNamespaces }: PatcherSettings,
  { held, closed }: Occupied,
  surroundings: Surroundings,
): { rules: NamespaceRules; remarks: string[] } {
  const { namespaces, isSystem } = surroundings;
  const system = namespaces.map(({ name }) => name).filter(isSystem);
  const excludeSystem = system.every((name) => excludedNamespaces.includes(name));
  const exclude = [...excludedNamespaces.filter((name) => !excludeSystem || !isSystem(name)), ...closed].toSorted();
  const without = namespaces
    .map(({ name }) => name)
    .filter((name) => !held.has(name) && !exclude.includes(name) && !(excludeSystem && isSystem(name)));
  const remarks = [
    'As CONFIG_EXCLUDED_NAMESPACES of imagepullsecret-patcher says.',
    ...(without.length > 0 ? [`These have none yet: ${someOf(without)}.`] : []),
    ...closedRemark(closed),
  ];
  return { rules: { include: ['*'], exclude: [...new Set(exclude)], excludeSystem }, remarks };
}

function closedRemark(closed: ReadonlySet<string>): string[] {
  if (closed.size === 0) return [];
  return [`Excluded since the name is taken there, as the list at the top says: ${someOf([...closed].toSorted())}.`];
}
