import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Failure, Share } from './many-seeds.ts';
import { simulate } from './simulate.ts';

// Most errors of a simulation are part of it, and a stack is the greatest part of an error's cost.
Error.stackTraceLimit = 0;
parentPort?.postMessage(await firstFailure(workerData));

async function firstFailure({ first, end, step }: Share): Promise<Failure | undefined> {
  for (let seed = first; seed < end; seed += step) {
    try {
      await simulate(seed);
    } catch (error) {
      return { seed, message: error instanceof Error ? error.message : String(error) };
    }
    // A simulation never lets go of the thread by itself.
    await setImmediate();
  }
  return undefined;
}
