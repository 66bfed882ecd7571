import { serviceAccountRecord } from './cluster-model.ts';
import type { Fields } from './fields.ts';
import type { StoredObject } from './model.ts';

/** Names a field that changed and is not one of the job's own. */
export function foreignField(
  before: StoredObject | undefined,
  after: StoredObject,
  own: readonly string[],
): string | undefined {
  const was: Fields = before?.fields ?? new Map();
  for (const field of was.keys()) if (!own.includes(field) && was.get(field) !== after.fields.get(field)) return field;
  for (const field of after.fields.keys()) if (!own.includes(field) && !was.has(field)) return field;
  return undefined;
}

export function listOf(serviceAccount: StoredObject): string[] {
  return serviceAccountRecord(serviceAccount).imagePullSecrets;
}

/** Whether a list that another tool declares by server-side apply names the Secret. */
export function isInAppliedList(serviceAccount: StoredObject, secretName: string): boolean {
  const { imagePullSecrets, listAppliedBy } = serviceAccountRecord(serviceAccount);
  return listAppliedBy !== undefined && imagePullSecrets.includes(secretName);
}

export function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}
