import type { Clock } from '../../job/src/clock.ts';

/**
 * A clock that the test sets, and by which nobody has to wait.
 *
 * @param now milliseconds since 1970; default: always 0
 */
export function testClock(now: () => number = () => 0): Clock {
  return { now: () => new Date(now()), elapsed: now, sleep: async () => {} };
}
