import type { Clock } from '../../job/src/clock.ts';
import type { Random } from './random.ts';

/** Whoever sleeps longer is overtaken by no slow one: milliseconds. */
const nap = 60_000;
/** Milliseconds. Source: Node's documentation of setTimeout. */
const longestTimer = 2 ** 31 - 1;
/** More turns than any run needs: the simulation never ends by itself. */
const mostTurns = 20_000;

/**
 * Decides what happens next, from the seed alone: of all that waits for its turn one goes on, and when nothing is
 * ready, or by chance, the clock jumps to the first sleeper. Nothing else in a simulation waits for anything.
 */
export class Scheduler {
  readonly clock: Clock = {
    now: () => new Date(this.#now),
    elapsed: () => this.#now,
    sleep: (milliseconds, signal) => this.#sleep(milliseconds, signal),
  };
  turns = 0;
  readonly #random: Random;
  #now = Date.UTC(2026, 0, 1);
  readonly #ready: Array<() => void> = [];
  #idle = 0;
  #sleepers: Array<{ until: number; wake: () => void }> = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Resolves when it is this caller's turn. */
  turn(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ready.push(resolve);
    return promise;
  }

  /** Lets everybody go on until `done`; `between` is called before each turn. */
  async run(done: () => boolean, between: () => void): Promise<void> {
    for (;;) {
      await settled();
      if (done()) return;
      this.turns += 1;
      if (this.turns > mostTurns) throw new Error(`no end after ${mostTurns} turns`);
      between();
      this.#next();
    }
  }

  /** Nobody has anything to do for that long: milliseconds. */
  isQuiet(milliseconds: number): boolean {
    return this.#ready.length === 0 && this.#sleepers.every(({ until }) => until > this.#now + milliseconds);
  }

  #next(): void {
    // Now and then somebody is so slow that the sleepers overtake him.
    const overtaken = this.#sleepers.some(({ until }) => until <= this.#now + nap) && this.#random.chance(0.1);
    if (this.#ready.length > 0 && !overtaken) {
      const [resolve] = this.#ready.splice(this.#random.below(this.#ready.length), 1);
      this.#idle = 0;
      resolve?.();
      return;
    }
    if (this.#sleepers.length === 0) {
      // Whoever was told to stop in his sleep goes on before the next turn; after that somebody has to be there.
      this.#idle += 1;
      if (this.#idle > 1) throw new Error('everybody waits and nobody can go on');
      return;
    }
    this.#idle = 0;
    const until = Math.min(...this.#sleepers.map((sleeper) => sleeper.until));
    this.#now = until;
    const awake = this.#sleepers.filter((sleeper) => sleeper.until <= until);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.until > until);
    for (const { wake } of awake) wake();
  }

  #sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (milliseconds > longestTimer) return Promise.reject(new Error('a timer of Node would end this sleep at once'));
    const sleeper = { until: this.#now + milliseconds, wake: resolve };
    this.#sleepers.push(sleeper);
    signal?.addEventListener('abort', () => {
      this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
      reject(signal.reason);
    });
    return promise;
  }
}

/** All that a turn set off runs to where it waits for the next one: the next tick comes when no promise has work left. */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
