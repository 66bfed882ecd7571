/** What a follower looks at again: a namespace by its name, or everything. */
export type Work = string;
/** No namespace has this name. */
export const everything = '*';

/** How long nothing more has to change before changes are looked at: a namespace and its ServiceAccount are one look. Milliseconds. */
const quiet = 20;
/** The longest that changes wait for each other, so that many at once are few looks: milliseconds. */
const longestGathering = 500;
/** The longest pause before something is tried again; the schedule's runs come about as often. Milliseconds. */
const longestPause = 60_000;
const firstPause = 1000;
/** How often something may change in a row before it is looked at less often: somebody may always change it back. */
const freeChanges = 4;
/** After how long without any trouble the trouble before is forgotten: milliseconds. Longer than any pause. */
const memory = 150_000;

/**
 * Keeps what is to be looked at, and when: changes soon and together, failures and what changes again and again after a
 * pause that grows. All times are milliseconds.
 */
export interface Agenda {
  /**
   * Something changed.
   *
   * @param isOwn whether that was the follower itself, and so nothing to look at; asked when a pass is over, since the answer
   *   to a write may come after the news of it
   */
  note(what: Work, now: number, isOwn?: () => boolean): void;
  /** It is looked at by then, whatever happens. */
  plan(what: Work, at: number): void;
  /** It was not brought in line: it is tried again. */
  failed(what: Work, now: number): void;
  /** It was not in line, and is now. */
  changed(what: Work, now: number): void;
  /** When there is something to do. */
  next(): number;
  /** Takes out what is to be done now. Everything holds all namespaces. */
  take(now: number): Due;
  /** What follows looks at everything: nothing else is left to do. */
  clear(): void;
}

export interface Due {
  work: ReadonlySet<Work>;
  /** When the first of it was noted, or should have been done. */
  since: number;
}

interface Entry {
  at: number;
  since: number;
}

/** @param random a number from 0 to 1, as `Math.random` */
export function createAgenda(random: () => number): Agenda {
  const due = new Map<Work, Entry>();
  let heard: Array<{ what: Work; at: number; isOwn: () => boolean }> = [];
  /** When the first and the last change came of those that are not looked at yet. */
  let gathered: { first: number; last: number } | undefined;
  const troubles = new Map<Work, { times: number; at: number }>();

  const trouble = (what: Work, now: number, atLeast: number) => {
    const times = Math.max(troubles.get(what)?.times ?? 0, atLeast - 1) + 1;
    troubles.set(what, { times, at: now });
  };
  const allowedAt = (what: Work) => {
    const { times, at } = troubles.get(what) ?? { times: 0, at: 0 };
    if (times < freeChanges) return 0;
    const pause = Math.min(longestPause, firstPause * 2 ** (times - freeChanges));
    return at + pause * (0.75 + random() / 2);
  };
  const sooner = (what: Work, at: number, since = at) => {
    const before = due.get(what) ?? { at, since };
    due.set(what, { at: Math.min(before.at, at), since: Math.min(before.since, since) });
  };
  const gatheredAt = () =>
    gathered ? Math.min(gathered.first + longestGathering, gathered.last + quiet) : Number.NEGATIVE_INFINITY;

  const enter = () => {
    for (const { what, at, isOwn } of heard) {
      if (isOwn()) continue;
      const allowed = allowedAt(what);
      if (allowed <= at) gathered = { first: gathered?.first ?? at, last: at };
      sooner(what, Math.max(at, allowed), at);
    }
    heard = [];
  };

  return {
    note: (what, at, isOwn = () => false) => void heard.push({ what, at, isOwn }),
    plan: (what, at) => sooner(what, at),
    failed(what, now) {
      trouble(what, now, freeChanges);
      sooner(what, allowedAt(what));
    },
    changed: (what, now) => trouble(what, now, 1),
    next() {
      enter();
      return Math.max(gatheredAt(), Math.min(...[...due.values()].map(({ at }) => at)));
    },
    take(now) {
      enter();
      gathered = undefined;
      const taken = [...due].filter(([, { at }]) => at <= now);
      const work = new Set(taken.map(([what]) => what));
      const since = Math.min(...taken.map(([, entry]) => entry.since));
      if (work.has(everything)) due.clear();
      else for (const what of work) due.delete(what);
      for (const [what, { at }] of troubles) if (now - at > memory) troubles.delete(what);
      return { work, since };
    },
    clear() {
      heard = [];
      due.clear();
      gathered = undefined;
    },
  };
}
