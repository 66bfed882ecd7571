import { test } from 'node:test';
import { simulate } from '../simulation/simulate.ts';

/** Few, since nearly each mutant that the unit tests let live goes through all of them. */
const seeds = 100;

test(`the engine keeps its promises in ${seeds} simulated clusters`, async () => {
  // One by one and in this thread: what a worker reaches, Stryker does not see.
  for (let seed = 1; seed <= seeds; seed++) await simulate(seed);
});
