/**
 * An object of the model as flat fields, e.g. `labels/app` or `type`, and who owns which of them: enough for what
 * server-side apply and `managedFields` do to the objects that the job touches. Values are never changed in place,
 * so that an object before and after a write can be compared.
 */
export interface Owned {
  fields: Fields;
  /** Field names by `Apply/<manager>` or `Update/<manager>`. */
  owners: ReadonlyMap<string, ReadonlySet<string>>;
}

export type Fields = ReadonlyMap<string, string>;
/** Fields to set; `null` removes one. */
export type Changes = ReadonlyMap<string, string | null>;

const nothing: Owned = { fields: new Map(), owners: new Map() };

/** Server-side apply; `conflict` where, without force, another manager owns a field and its value differs. */
export function applyFields(
  before: Owned | undefined,
  manager: string,
  wanted: Fields,
  { force }: { force: boolean },
): Owned | 'conflict' {
  const { fields, owners } = before ?? nothing;
  const me = `Apply/${manager}`;
  const others = [...owners].filter(([owner]) => owner !== me);
  const differs = (field: string) => wanted.has(field) && fields.get(field) !== wanted.get(field);
  if (!force && others.some(([, owned]) => [...owned].some(differs))) return 'conflict';

  const dropped = [...(owners.get(me) ?? [])].filter(
    (field) => !wanted.has(field) && !others.some(([, owned]) => owned.has(field)),
  );
  const after = new Map([...fields, ...wanted]);
  for (const field of dropped) after.delete(field);
  const left = others.map(([owner, owned]) => [owner, without(owned, differs)] as const);
  return tidy({ fields: after, owners: new Map([...left, [me, new Set(wanted.keys())]]) });
}

/** A create, update or patch: who changes a field owns it alone. */
export function updateFields(before: Owned | undefined, manager: string, changes: Changes): Owned {
  const { fields, owners } = before ?? nothing;
  const after = new Map(fields);
  for (const [field, value] of changes) {
    if (value === null) after.delete(field);
    else after.set(field, value);
  }
  const changed = new Set([...after.keys()].filter((field) => fields.get(field) !== after.get(field)));
  for (const map of maps) if (hasMap(after, map) && !hasMap(fields, map)) changed.add(map);

  const me = `Update/${manager}`;
  const left = [...owners].map(([owner, owned]) => [owner, without(owned, (field) => changed.has(field))] as const);
  const mine = new Set([...(owners.get(me) ?? []), ...changed]);
  return tidy({ fields: after, owners: new Map([...left, [me, mine]]) });
}

/** Whether a write changed nothing: then the API server keeps the resourceVersion. */
export function sameOwned(a: Owned, b: Owned): boolean {
  return (
    sameMap(a.fields, b.fields, (one, other) => one === other) &&
    sameMap(a.owners, b.owners, (one, other) => one.size === other.size && [...one].every((field) => other.has(field)))
  );
}

/** The fields of a map such as `labels`, by key. */
export function mapOf(fields: Fields, map: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [field, value] of fields) if (field.startsWith(`${map}/`)) found[field.slice(map.length + 1)] = value;
  return found;
}

/** A map such as `labels` as fields. */
export function toFields<V extends string | null>(map: string, entries: Record<string, V> = {}): Array<[string, V]> {
  return Object.entries(entries).map(([key, value]) => [`${map}/${key}`, value]);
}

/** Who made such a map by an update owns the map as such too, which `managedFields` shows as ".". */
const maps = ['labels', 'annotations', 'data'];

function hasMap(fields: Fields, map: string): boolean {
  for (const field of fields.keys()) if (field.startsWith(`${map}/`)) return true;
  return false;
}

/** Ownership of what is gone goes too, and who owns nothing is no manager any more. */
function tidy({ fields, owners }: Owned): Owned {
  const exists = (field: string) => fields.has(field) || (maps.includes(field) && hasMap(fields, field));
  const left = [...owners].map(([owner, owned]) => [owner, without(owned, (field) => !exists(field))] as const);
  return { fields, owners: new Map(left.filter(([, owned]) => owned.size > 0)) };
}

function without(set: ReadonlySet<string>, leave: (field: string) => boolean): ReadonlySet<string> {
  return new Set([...set].filter((field) => !leave(field)));
}

function sameMap<T>(
  a: ReadonlyMap<string, T>,
  b: ReadonlyMap<string, T>,
  same: (one: T, other: T) => boolean,
): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = b.get(key);
    if (other === undefined || !same(value, other)) return false;
  }
  return true;
}
