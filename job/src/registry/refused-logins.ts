import type { LoadedTarget } from '../credentials/sources.ts';
import { isRecord } from '../json.ts';

/** A login that a registry refused, as the status remembers it. Nothing in it comes from a credential. */
export interface RefusedLogin {
  target: string;
  host: string;
  /** The target's sources at that time. */
  sources: LoadedTarget['sources'];
  /** The registry's words. */
  answer: string;
  /** How often it was asked about these sources. */
  tries: number;
  /** ISO 8601. */
  triedAt: string;
}

/** How long a refused login is not tried again, each further time twice as long, up to the longest: milliseconds. */
const firstPause = 300_000;
const longestPause = 3_600_000;

/**
 * When the same sources may be tried again: registries lock who fails too often, and the schedule comes each minute.
 * Milliseconds.
 */
export function pauseEnd({ tries, triedAt }: RefusedLogin): number {
  return Date.parse(triedAt) + Math.min(firstPause * 2 ** (tries - 1), longestPause);
}

/**
 * Whether it is too early to try it again. A try that is yet to come was written by a clock that was wrong, and would hold a
 * login back until then; clocks may differ by the first pause.
 *
 * @param now milliseconds since 1970
 */
export function isPaused(login: RefusedLogin, now: number): boolean {
  return now < pauseEnd(login) && Date.parse(login.triedAt) <= now + firstPause;
}

/**
 * The versions of sources that were refused, by target, as one process read them. Only it can tell one content of a file
 * from another: a file has no version that may be written down.
 */
export type RefusedVersions = ReadonlyMap<string, string>;

/** What the status says of a target, as long as its sources are the same. */
export function refusedBefore(
  { target, sources, version }: LoadedTarget,
  all: readonly RefusedLogin[],
  versions: RefusedVersions = new Map(),
): RefusedLogin[] {
  if ((versions.get(target.name) ?? version) !== version) return [];
  const now = JSON.stringify(sources);
  return all.filter((one) => one.target === target.name && JSON.stringify(one.sources) === now);
}

/** Reads what the status holds; what is no such entry is dropped. */
export function parseRefusedLogins(value: unknown): RefusedLogin[] {
  return Array.isArray(value) ? value.filter(isRefusedLogin) : [];
}

function isRefusedLogin(value: unknown): value is RefusedLogin {
  if (!isRecord(value)) return false;
  const { target, host, sources, answer, tries, triedAt } = value;
  return (
    [target, host, answer].every((text) => typeof text === 'string') &&
    Array.isArray(sources) &&
    Number.isInteger(tries) &&
    typeof triedAt === 'string' &&
    !Number.isNaN(Date.parse(triedAt))
  );
}
