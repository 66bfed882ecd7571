import type { Clock } from '../clock.ts';

/**
 * From which difference on a clock counts as wrong: milliseconds. An answer tells whole seconds, and may have been under way
 * for half a minute.
 */
const tolerance = 60_000;

export interface ServerClock extends Clock {
  /** Takes note of what an answer of the API server gives as its date, in the form that HTTP has for it. */
  hear(date: string | undefined): void;
}

/**
 * The time as the API server has it, where the clock of this machine is wrong. What a run writes down is read by runs on other
 * machines: since when a copy is retired, until when a cleanup holds runs up, when a login was refused. By a clock of its own
 * a machine that is hours ahead would take away copies that running pods still name.
 *
 * @param onWrong told once, with both times
 */
export function serverClock(clock: Clock, onWrong: (here: Date, there: Date) => void): ServerClock {
  let ahead = 0;
  let isTold = false;
  return {
    ...clock,
    now: () => new Date(clock.now().getTime() - ahead),
    hear(date) {
      const there = Date.parse(date ?? '');
      if (Number.isNaN(there)) return;
      const here = clock.now();
      const difference = here.getTime() - there;
      ahead = Math.abs(difference) > tolerance ? difference : 0;
      if (ahead === 0 || isTold) return;
      isTold = true;
      onWrong(here, new Date(there));
    },
  };
}
