import { contentField } from './judge-secret.ts';
import type { Configured } from './knowledge.ts';
import type { StoredObject } from './model.ts';
import { loginsIn } from './sources.ts';

/** What no copy held is tried before it is written, and not written where a registry refused it. */
export function brokenLogin(
  knowledge: Configured,
  { fields }: StoredObject,
  before: StoredObject | undefined,
): string | undefined {
  const { verifyCredentials } = knowledge.config;
  // Who hands a Secret back writes marks, and leaves what is in it.
  if (before?.fields.get(contentField) === fields.get(contentField)) return undefined;
  if (knowledge.role === 'cleanup' || verifyCredentials === 'off') return undefined;
  const held = new Set([...knowledge.heldContents()].flatMap(loginsIn));
  for (const login of loginsIn(fields.get(contentField) ?? '')) {
    if (held.has(login)) continue;
    const outcome = knowledge.tried.get(login);
    if (outcome === undefined) return 'a login was written that nobody tried';
    if (outcome === 'refused' && verifyCredentials === 'enforce') return 'a refused login was written';
  }
  return undefined;
}
