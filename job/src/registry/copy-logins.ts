import { parseDockerConfig, type SourcedLogin } from '../credentials/docker-config.ts';
import type { Snapshot } from '../plan/observe.ts';
import { isCopyWrite, type Placement } from '../plan/placement.ts';
import { loginKey } from './registry-login.ts';

/**
 * A function that reads the logins of a copy by registry. What cannot be read holds none. Few contents stand in many copies,
 * so each is read once.
 */
export function copyReader(): (content: string | undefined) => ReadonlyMap<string, SourcedLogin> {
  const read = new Map<string, ReadonlyMap<string, SourcedLogin>>();
  return (content = '') => {
    const known = read.get(content);
    if (known) return known;
    const { config } = parseDockerConfig(Buffer.from(content, 'base64'), 'dockerconfigjson', 'a copy');
    read.set(content, config);
    return config;
  };
}

/**
 * The logins, as {@link loginKey}, that are about to take the place of another one at the same registry: in copies, and in
 * Secrets that are taken over. What stands there may work.
 */
export function replacingLogins(
  placements: readonly Placement[],
  snapshot: Pick<Snapshot, 'secret'>,
  loginsOf = copyReader(),
): Set<string> {
  const pairs = new Map<string, Set<string>>();
  for (const { namespace, secretName, desired, actions } of placements) {
    if (!actions.some(isCopyWrite) || desired?.content === undefined) continue;
    const content = snapshot.secret(namespace, secretName)?.content;
    if (content === undefined || content === desired.content) continue;
    pairs.set(desired.content, (pairs.get(desired.content) ?? new Set()).add(content));
  }
  const replacing = new Set<string>();
  for (const [wanted, contents] of pairs) {
    for (const content of contents) {
      const there = loginsOf(content);
      for (const [host, login] of loginsOf(wanted)) {
        const other = there.get(host);
        if (other && loginKey(host, other) !== loginKey(host, login)) replacing.add(loginKey(host, login));
      }
    }
  }
  return replacing;
}
