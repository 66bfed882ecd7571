import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClusterError } from '../../job/src/cluster/cluster-error.ts';
import { allPages, type Page, type PageQuery } from '../../job/src/cluster/kubernetes-pages.ts';

describe('a LIST in pages', () => {
  test('is all pages in order, each asked for with the token of the one before', async () => {
    const asked: Array<string | undefined> = [];

    const items = await allPages(async ({ continue: token }) => {
      asked.push(token);
      const pages = [page(['a', 'b'], 'one'), page(['c'], 'two'), page(['d'])];
      return pages[asked.length - 1] as Page<string>;
    }, large);

    assert.deepEqual(items, ['A', 'B', 'C', 'D']);
    assert.deepEqual(asked, [undefined, 'one', 'two']);
  });

  test('starts anew on a newer snapshot when its token expired, and mixes nothing of the two', async () => {
    let snapshot = 0;

    const items = await allPages(async ({ continue: token }) => {
      if (token === undefined) snapshot += 1;
      if (snapshot === 1) return token === undefined ? page(['old-a', 'old-b'], 'one') : refuse('expired');
      return token === undefined ? page(['new-a'], 'two') : page(['new-b']);
    }, large);

    assert.deepEqual(items, ['NEW-A', 'NEW-B']);
  });

  test('fails when its token expires again and again, and does not give half of the objects', async () => {
    const asked: PageQuery[] = [];

    const list = allPages(async (query) => {
      asked.push(query);
      return query.continue === undefined ? page(['a'], 'one') : refuse('expired');
    }, large);

    await assert.rejects(list, ({ kind }: ClusterError) => kind === 'expired');
    assert.equal(asked.filter(({ continue: token }) => token === undefined).length, 3);
  });

  test('does not start anew on any other refusal', async () => {
    let asked = 0;

    const list = allPages(async () => {
      asked += 1;
      return refuse('forbidden');
    }, large);

    await assert.rejects(list, ({ kind }: ClusterError) => kind === 'forbidden');
    assert.equal(asked, 1);
  });
});

function page(items: string[], token?: string): Page<string> {
  return { items, metadata: token === undefined ? {} : { continue: token } };
}

/** What becomes of each item. */
function large(item: string): string {
  return item.toUpperCase();
}

function refuse(kind: ClusterError['kind']): never {
  throw new ClusterError(kind, { verb: 'list', resource: 'secrets' }, 'refused');
}
