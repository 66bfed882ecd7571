import { ClusterError, remedy } from './cluster/cluster-error.ts';
import type { Log } from './log.ts';

/** What a request gives that is not the point of what is done. Where it fails that is said, and hides nothing else. */
export async function orSay<T>(request: Promise<T>, log: Log): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    log.error(error.message, { fix: remedy(error) });
    return undefined;
  }
}
