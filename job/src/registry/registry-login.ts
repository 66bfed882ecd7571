import type { Login } from '../credentials/login.ts';

/**
 * What the engine needs of the registries. The one implementation that talks to them is `registries.ts`; the engine depends
 * on this interface only, so that it can run against a model in memory.
 */
export interface Registries {
  /**
   * Tries a login at its registry. Rejects only where the signal ends it: whatever else goes wrong is an outcome.
   *
   * @param host the registry's key in a docker config
   */
  tryLogin(host: string, login: Login, signal: AbortSignal): Promise<LoginOutcome>;
}

/** No text in it is longer than a line, and none holds a credential. */
export type LoginOutcome =
  | { kind: 'accepted' }
  /** The registry said no, in its own words. */
  | { kind: 'refused'; answer: string }
  /** It said nothing about the login. */
  | { kind: 'unreachable'; reason: string; fix: string }
  /** There is nothing to ask. */
  | { kind: 'untried'; reason: string };

/** Tells one login at one registry from all others. It holds the login, so it is for maps in memory only. */
export function loginKey(host: string, { auth }: Login): string {
  return `${host} ${auth.toString('base64')}`;
}

/** Registries that are asked once about each login, however often somebody wants to know. */
export function askedOnce(registries: Registries): Registries {
  const asked = new Map<string, Promise<LoginOutcome>>();
  return {
    tryLogin(host, login, signal) {
      const key = loginKey(host, login);
      const outcome = asked.get(key) ?? registries.tryLogin(host, login, signal);
      asked.set(key, outcome);
      return outcome;
    },
  };
}
