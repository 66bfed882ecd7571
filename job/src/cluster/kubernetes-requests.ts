import { ApiException, PatchStrategy, setHeaderOptions, type V1ListMeta } from '@kubernetes/client-node';
import { clusterError } from './api-status.ts';
import { ClusterError, type RequestName } from './cluster-error.ts';
import { errorCode } from './transport.ts';

/** Objects a page. The API server's own tools use 500; a page is one snapshot. */
const pageSize = 500;
/** How often a LIST starts anew when its continue token expired between two pages (410). */
const listAttempts = 3;

/** Options of a PATCH: server-side apply, or merge patch. Client-node's default is JSON patch. */
export const apply = setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply);
export const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

/**
 * An apply creates what is missing whatever version it names, and conflicts with what exists under any other version. No
 * object is at version 1, so an apply with it creates or fails, and never touches what appeared meanwhile. A POST would do
 * the same, but rights to POST cannot be limited to one name.
 */
export const notThere = { resourceVersion: '1' };

/** Makes a request under a name for errors, and rejects with nothing but a ClusterError. */
export type Ask = <T>(name: RequestName, request: () => Promise<T>) => Promise<T>;

interface Page {
  limit: number;
  _continue?: string;
}

/** Every item of a paginated LIST. A continue token that expired on the way starts the LIST anew, on a new snapshot. */
export async function allPages<Item>(
  list: (page: Page) => Promise<{ items: Item[]; metadata?: V1ListMeta }>,
): Promise<Item[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      const items: Item[] = [];
      let page: Page | undefined = { limit: pageSize };
      while (page) {
        const answer: { items: Item[]; metadata?: V1ListMeta } = await list(page);
        items.push(...answer.items);
        const token = answer.metadata?._continue;
        page = token ? { limit: pageSize, _continue: token } : undefined;
      }
      return items;
    } catch (error) {
      if (!(error instanceof ApiException) || error.code !== 410 || attempt === listAttempts) throw error;
    }
  }
}

export function byName(name: string | undefined): { fieldSelector?: string } {
  return name === undefined ? {} : { fieldSelector: `metadata.name=${name}` };
}

export async function translateErrors<T>(
  name: RequestName,
  signal: AbortSignal,
  request: () => Promise<T>,
): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (signal.aborted) throw new ClusterError('interrupted', name, 'the run was told to stop');
    if (error instanceof ClusterError) throw error;
    if (error instanceof ApiException) throw clusterError(name, error.code, error.body);
    // The cause is dropped: client-node's and undici's errors may hold headers and bodies.
    throw new ClusterError('unreachable', name, errorCode(error) || 'no answer from the API server');
  }
}

export async function orNotFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ClusterError && error.kind === 'notFound') return undefined;
    throw error;
  }
}
