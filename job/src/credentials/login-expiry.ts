import { isRecord, parseJson } from '../json.ts';
import type { Problem } from '../problem.ts';
import type { DockerConfig, SourcedLogin } from './docker-config.ts';
import type { Login } from './login.ts';
import { normaliseHost } from './registry-host.ts';

const day = 86_400_000;
/** A date that somebody wrote down (`expiresAt`) is worth a warning from this long before: milliseconds. */
const announcedFrom = 30 * day;

/** The end of the year 9999. A token that names a later one counts in milliseconds, or means that it has none. */
const latestEnd = Date.UTC(10_000, 0);

/** User names that registries give to short-lived tokens, and how long those live. */
const shortLived = new Map([
  ['AWS', { what: 'an Amazon ECR token', lives: '12 hours' }],
  ['oauth2accesstoken', { what: 'a Google access token', lives: 'an hour' }],
  ['00000000-0000-0000-0000-000000000000', { what: 'an Azure Container Registry token', lives: 'about three hours' }],
]);

export interface Expiry {
  warnings: string[];
  problems: Problem[];
}

/**
 * Names the logins that are known to expire, with the time left where the login or the configuration tells it.
 * GitLab's job token is refused: it dies with the pipeline that put it here.
 *
 * @param expires the last day of a login by host, as the configuration gives it; a day ends as UTC has it
 */
export function checkExpiry(config: DockerConfig, expires: Readonly<Record<string, string>>, now: Date): Expiry {
  const announced = new Map(
    Object.entries(expires).map(([host, date]) => [normaliseHost(host) ?? host, Date.parse(date) + day]),
  );
  const warnings: string[] = [];
  const problems: Problem[] = [];
  for (const [host, login] of config) {
    if (login.username === 'gitlab-ci-token') {
      problems.push({
        message: `${login.origin}: the login for ${host} is GitLab's job token, which dies with its pipeline`,
        fix: 'create a deploy token with the scope read_registry and use that',
      });
      continue;
    }
    const warning = expiryWarning(host, login, announced.get(host), now);
    if (warning !== undefined) warnings.push(warning);
  }
  return { warnings, problems };
}

function expiryWarning(
  host: string,
  login: SourcedLogin,
  announced: number | undefined,
  now: Date,
): string | undefined {
  const subject = `${login.origin}: the login for ${host}`;
  const token = shortLived.get(login.username);
  const end = tokenEnd(login);
  if (end !== undefined) return `${subject} is ${token?.what ?? 'a token with an end'}: it ${ends(end, now)}`;
  if (announced !== undefined) {
    if (announced - now.getTime() > announcedFrom) return undefined;
    return `${subject} ${ends(announced, now)}, says "expires": rotate it`;
  }
  if (!token) return undefined;
  return `${subject} is ${token.what}, which lives ${token.lives}: renew it by a schedule of its own`;
}

/** When a token ends, in milliseconds since 1970, if it says so itself: a JWT by `exp`, an ECR token by `expiration`. */
function tokenEnd({ auth }: Login): number | undefined {
  const password = auth.subarray(auth.indexOf(':') + 1).toString('utf8');
  const [, claims] = password.split('.');
  // Node reads the alphabet of ECR's base64 too.
  const json = Buffer.from(claims ?? password, 'base64url').toString('utf8');
  // Most passwords are none, and a syntax error for each of thousands takes longer than all else that is done with them.
  const token = json.startsWith('{') ? parseJson(json) : undefined;
  if (!isRecord(token)) return undefined;
  const seconds = claims === undefined ? token.expiration : token.exp;
  return typeof seconds === 'number' && seconds > 0 && seconds * 1000 < latestEnd ? seconds * 1000 : undefined;
}

function ends(end: number, now: Date): string {
  const left = end - now.getTime();
  const [unit, size] = (
    [
      ['day', day],
      ['hour', 3_600_000],
      ['minute', 60_000],
    ] as const
  ).find(([, length]) => Math.abs(left) >= length) ?? ['minute', 60_000];
  const when = new Intl.RelativeTimeFormat('en').format(Math.trunc(left / size), unit);
  return left > 0 ? `ends ${when}` : `ended ${when}`;
}
