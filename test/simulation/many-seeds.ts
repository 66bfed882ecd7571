import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** The seeds that one worker tries: every `step`-th of a range. */
export interface Share {
  first: number;
  end: number;
  step: number;
}

export interface Failure {
  seed: number;
  message: string;
}

/** Tries seeds on all cores; resolves to the failure with the smallest seed, if any. */
export async function trySeeds(first: number, count: number): Promise<Failure | undefined> {
  const step = Math.min(availableParallelism(), count);
  const shares = Array.from({ length: step }, (_, index) => ({ first: first + index, end: first + count, step }));
  const failures = await Promise.all(shares.map(tryShare));
  return failures
    .filter((failure) => failure !== undefined)
    .toSorted((a, b) => a.seed - b.seed)
    .at(0);
}

function tryShare(share: Share): Promise<Failure | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Failure | undefined>();
  const worker = new Worker(new URL('./seeds-worker.ts', import.meta.url), { workerData: share });
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.once('exit', (code) => reject(new Error(`a worker ended with code ${code} and no answer`)));
  return promise;
}
