import { ClusterError } from './cluster-error.ts';

/** Objects a page. The API server's own tools use 500; a page is one snapshot. */
const pageSize = 500;
/** How often a LIST starts anew when its continue token expired between two pages (410). */
const listAttempts = 3;

/** One page of a LIST, as the API server sends it. */
export interface Page<Item> {
  items: Item[];
  metadata?: { continue?: string };
}

/** Query parameters that choose a page. */
export interface PageQuery extends Record<string, string> {
  limit: string;
}

/**
 * Every item of a paginated LIST, made small at once: the items of one page only are held as the API server sends them.
 * A continue token that expired on the way starts the LIST anew, on a new snapshot.
 *
 * @throws a ClusterError of the kind `expired` where the token expires again and again
 */
export async function allPages<Item, Small>(
  list: (query: PageQuery) => Promise<Page<Item>>,
  record: (item: Item) => Small,
): Promise<Small[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      const records: Small[] = [];
      let query: PageQuery | undefined = { limit: String(pageSize) };
      while (query) {
        const { items, metadata }: Page<Item> = await list(query);
        for (const item of items) records.push(record(item));
        query = metadata?.continue ? { limit: String(pageSize), continue: metadata.continue } : undefined;
      }
      return records;
    } catch (error) {
      if (!(error instanceof ClusterError) || error.kind !== 'expired' || attempt === listAttempts) throw error;
    }
  }
}
