import type { Cluster, ObjectVersion, WatchQuery } from '../cluster/cluster.ts';

/** For how long a write is remembered: milliseconds. What a watch tells of later is looked at like any change. */
const memory = 60_000;

/** What the follower wrote itself: a watch tells of that too, and it is no reason to look again. */
export interface OwnWrites {
  /** The cluster, of which the writes are remembered. */
  cluster: Cluster;
  /** Whether an object came to be at a version by one of them. */
  made(resource: WatchQuery['resource'], resourceVersion: string): boolean;
}

/** @param now milliseconds */
export function rememberWrites(cluster: Cluster, now: () => number): OwnWrites {
  /** When each was written, the oldest first. */
  const written = new Map<string, number>();
  const remembering =
    <Args extends unknown[]>(resource: WatchQuery['resource'], write: (...args: Args) => Promise<ObjectVersion>) =>
    async (...args: Args) => {
      const version = await write(...args);
      for (const [key, time] of written) {
        if (now() - time < memory) break;
        written.delete(key);
      }
      written.set(`${resource} ${version.resourceVersion}`, now());
      return version;
    };
  return {
    cluster: {
      ...cluster,
      createSecret: remembering('secrets', cluster.createSecret),
      updateSecret: remembering('secrets', cluster.updateSecret),
      unmarkSecret: remembering('secrets', cluster.unmarkSecret),
      patchServiceAccount: remembering('serviceaccounts', cluster.patchServiceAccount),
    },
    made: (resource, resourceVersion) => written.has(`${resource} ${resourceVersion}`),
  };
}
