import { contentField } from './judge-secret.ts';
import type { Configured } from './knowledge.ts';
import type { StoredObject } from './model.ts';
import { loginsIn } from './sources.ts';

/**
 * What no copy held is tried before it is written, and not written where a registry refused it. So is what takes the place of
 * another login at the same registry, unless a warning is all that it can lead to.
 */
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
  const there = loginsIn(before?.fields.get(contentField) ?? '');
  for (const login of loginsIn(fields.get(contentField) ?? '')) {
    const replaces = there.some((other) => hostOf(other) === hostOf(login) && other !== login);
    if (held.has(login) && !(replaces && verifyCredentials === 'enforce')) continue;
    const outcome = knowledge.tried.get(login);
    if (outcome === undefined) return 'a login was written that nobody tried';
    if (outcome === 'refused' && verifyCredentials === 'enforce') return 'a refused login was written';
  }
  return undefined;
}

/** @param login `<host> <auth>` */
function hostOf(login: string): string {
  return login.slice(0, login.indexOf(' '));
}
