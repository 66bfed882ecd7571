import type { WatchedChange, WatchQuery } from '../cluster/cluster.ts';
import { ClusterError, remedy } from '../cluster/cluster-error.ts';
import type { EngineDeps } from '../run/engine-deps.ts';

/** The longest pause before a watch begins anew, and the first: milliseconds. */
const longestPause = 10_000;
const firstPause = 250;
/** How often a file is looked at: milliseconds. A look costs next to nothing, and knows every kind of file system. */
const fileInterval = 2000;

export interface WatchesDeps extends Pick<EngineDeps, 'cluster' | 'clock' | 'random' | 'readFile' | 'log' | 'signal'> {
  changed(query: WatchQuery, change: WatchedChange, version: string): void;
  fileChanged(path: string): void;
  /** What a pass read of a file since the last call, where one did. */
  takeRead(path: string): { content: Buffer | undefined } | undefined;
  /** A watch began at a new place: what happened before is not known. */
  restarted(query: WatchQuery): void;
  /** An error that no watch can go on after. */
  failed(error: unknown): void;
}

/** Watches that live as long as they are wanted, whatever ends them on the way. */
export interface Watches {
  /** Begins what is new and ends what is wanted no more. Resolves once every watch has begun, or failed to. */
  keep(queries: readonly WatchQuery[], files: readonly string[]): Promise<void>;
}

export function createWatches(deps: WatchesDeps): Watches {
  const running = new Map<string, { stop: AbortController; begun: Promise<void> }>();
  deps.signal.addEventListener('abort', () => {
    for (const { stop } of running.values()) stop.abort();
  });

  const begin = (watch: (signal: AbortSignal, begun: () => void) => Promise<void>) => {
    const stop = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    if (deps.signal.aborted) stop.abort();
    watch(stop.signal, resolve)
      .catch((error) => {
        if (!stop.signal.aborted) deps.failed(error);
      })
      .finally(resolve);
    return { stop, begun: promise };
  };

  return {
    async keep(queries, files) {
      const wanted = new Map([
        ...queries.map((query) => [JSON.stringify(query), keepWatching(query, deps)] as const),
        ...files.map((path) => [path, keepReading(path, deps)] as const),
      ]);
      for (const [key, { stop }] of running) {
        if (wanted.has(key)) continue;
        stop.abort();
        running.delete(key);
      }
      for (const [key, watch] of wanted) if (!running.has(key)) running.set(key, begin(watch));
      await Promise.all([...running.values()].map(({ begun }) => begun));
    },
  };
}

type Watch = (signal: AbortSignal, begun: () => void) => Promise<void>;

/** A watch that is taken up where it ended, or begins anew where the server knows that place no more. */
function keepWatching(query: WatchQuery, deps: WatchesDeps): Watch {
  const { cluster, clock, random, log } = deps;
  return async (signal, begun) => {
    let from: string | undefined;
    let ends = 0;
    let told: string | undefined;
    while (!signal.aborted) {
      try {
        if (from === undefined) {
          from = await cluster.latestVersion(query);
          if (signal.aborted) return;
          deps.restarted(query);
          begun();
        }
        await cluster.watch(query, {
          from,
          signal,
          tell({ version, change }) {
            if (signal.aborted) return;
            from = version;
            ends = 0;
            told = undefined;
            if (change) deps.changed(query, change, version);
          },
        });
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof ClusterError)) throw error;
        if (error.kind === 'expired') from = undefined;
        else if (error.message !== told) log.warn(error.message, { fix: remedy(error) });
        told = error.message;
        begun();
      }
      await clock.sleep(random() * Math.min(longestPause, firstPause * 2 ** ends), signal);
      ends += 1;
    }
  };
}

function keepReading(path: string, { readFile, clock, fileChanged, takeRead }: WatchesDeps): Watch {
  // What cannot be read is for the next pass to tell.
  const read = () => readFile(path).catch(() => undefined);
  return async (signal, begun) => {
    let before = await read();
    begun();
    for (;;) {
      await clock.sleep(fileInterval, signal);
      // A pass may have read what came and went between two looks.
      const known = takeRead(path);
      if (known) before = known.content;
      const now = await read();
      if (before === undefined ? now !== undefined : !now?.equals(before)) fileChanged(path);
      before = now;
    }
  };
}
