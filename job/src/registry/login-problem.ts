import type { SourcedLogin } from '../credentials/docker-config.ts';
import type { Problem } from '../problem.ts';
import { pauseEnd, type RefusedLogin } from './refused-logins.ts';
import type { LoginOutcome } from './registry-login.ts';

/** A registry said no. */
export function describeRefusal(
  host: string,
  { origin }: SourcedLogin,
  { answer }: LoginOutcome & { kind: 'refused' },
): Problem {
  return {
    message: `the registry ${host} refuses the login in ${origin}: ${answer}`,
    fix: 'check that it is not expired, locked or mistyped, e.g. with "docker login" (GitLab changes a variable with a "$" in it unless "Expand variable reference" is off); "verifyCredentials: warn" takes it as it is',
  };
}

/** A registry said nothing of the login. */
export function describeUnreachable(host: string, { reason, fix }: LoginOutcome & { kind: 'unreachable' }): Problem {
  return { message: `the login could not be tried at the registry ${host}: ${reason}`, fix };
}

/** A registry said no a while ago, and is not asked again yet. */
export function describePause(refused: RefusedLogin): Problem {
  const { host, sources, answer, triedAt } = refused;
  const again = new Date(pauseEnd(refused)).toISOString();
  const names = sources.map(({ source }) => source).join(', ');
  return {
    message: `the registry ${host} refused the login in ${names} at ${triedAt}: ${answer}`,
    fix: `put the right login there: a changed Secret is tried at once, a changed file too where the follower runs, anything else from ${again} on, so that the registry does not lock the account`,
  };
}
