import type { Cluster, WatchEvent, WatchOptions, WatchQuery } from '../../job/src/cluster/cluster.ts';
import { ClusterError } from '../../job/src/cluster/cluster-error.ts';
import type { FaultDeps } from './faults.ts';

/** How long a server lets a watch go on: milliseconds. */
const longestWatch = 480_000;

/**
 * A watch behind a network: what happens is told later, in order, and the watch ends when it likes: in good order, with a
 * broken connection, or without a word, and then nothing is told until its time is over.
 */
export async function faultyWatch(
  watch: Cluster['watch'],
  query: WatchQuery,
  { from, tell, signal }: WatchOptions,
  { scheduler, random, rates, process, knowledge, writesUntil, trace, lost }: FaultDeps & { lost: Set<string> },
): Promise<void> {
  const request = { verb: 'watch', ...query } as const;
  const say = (what: () => string) => trace?.(() => `${process.name}: watch ${JSON.stringify(query)} → ${what()}`);
  const refuse = (kind: 'expired' | 'unreachable' | 'interrupted') => new ClusterError(kind, request, 'the simulation');
  await scheduler.turn();
  if (process.killed) return never();
  if (signal.aborted) throw refuse('interrupted');
  const key = JSON.stringify(query);
  if (random.chance(rates.expired)) lost.add(key);
  if (lost.has(key)) throw refuse('expired');
  if (random.chance(rates.fault)) throw refuse('unreachable');

  const ended = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => ended.abort();
  signal.addEventListener('abort', stop);
  const queue: WatchEvent[] = [];
  let isTelling = false;
  const tellAll = async () => {
    isTelling = true;
    while (queue.length > 0) {
      await scheduler.turn();
      if (ended.signal.aborted || process.killed) return;
      if (random.chance(rates.closed)) {
        const end = random.chance(rates.silent) ? 'goes silent' : random.pick(['ends', 'breaks']);
        say(() => end);
        if (end === 'goes silent')
          await scheduler.clock.sleep(random.below(longestWatch), ended.signal).catch(() => {});
        if (end === 'breaks') reject(refuse('unreachable'));
        resolve();
        return;
      }
      const event = queue.shift() as WatchEvent;
      say(() => JSON.stringify(event));
      if (event.change) knowledge.watched(query, event.change, writesUntil(event.version));
      tell(event);
    }
    isTelling = false;
  };
  const hear = (event: WatchEvent) => {
    queue.push(event);
    if (!isTelling) tellAll();
  };
  watch(query, { from, tell: hear, signal: ended.signal }).catch(() => reject(refuse('interrupted')));
  await promise.finally(() => {
    signal.removeEventListener('abort', stop);
    ended.abort();
  });
}

function never(): Promise<never> {
  return Promise.withResolvers<never>().promise;
}
