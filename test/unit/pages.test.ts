import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiException } from '@kubernetes/client-node';
import { allPages } from '../../job/src/cluster/kubernetes-requests.ts';

type Request = Parameters<Parameters<typeof allPages>[0]>[0];

describe('a LIST in pages', () => {
  test('is all pages in order, each asked for with the token of the one before', async () => {
    const asked: Array<string | undefined> = [];

    const items = await allPages(async ({ _continue }) => {
      asked.push(_continue);
      const pages = [page(['a', 'b'], 'one'), page(['c'], 'two'), page(['d'])];
      return pages[asked.length - 1] as ReturnType<typeof page>;
    });

    assert.deepEqual(items, ['a', 'b', 'c', 'd']);
    assert.deepEqual(asked, [undefined, 'one', 'two']);
  });

  test('starts anew on a newer snapshot when its token expired, and mixes nothing of the two', async () => {
    let snapshot = 0;

    const items = await allPages(async ({ _continue }) => {
      if (_continue === undefined) snapshot += 1;
      if (snapshot === 1) return _continue === undefined ? page(['old-a', 'old-b'], 'one') : expired();
      return _continue === undefined ? page(['new-a'], 'two') : page(['new-b']);
    });

    assert.deepEqual(items, ['new-a', 'new-b']);
  });

  test('fails when its token expires again and again, and does not give half of the objects', async () => {
    const asked: Request[] = [];

    const list = allPages(async (request) => {
      asked.push(request);
      return request._continue === undefined ? page(['a'], 'one') : expired();
    });

    await assert.rejects(list, ({ code }: ApiException<unknown>) => code === 410);
    assert.equal(asked.filter(({ _continue }) => _continue === undefined).length, 3);
  });

  test('does not start anew on any other refusal', async () => {
    let asked = 0;

    const list = allPages(async () => {
      asked += 1;
      throw new ApiException(403, 'Forbidden', undefined, {});
    });

    await assert.rejects(list, ({ code }: ApiException<unknown>) => code === 403);
    assert.equal(asked, 1);
  });
});

function page(items: string[], _continue?: string) {
  return { items, metadata: _continue === undefined ? {} : { _continue } };
}

function expired(): never {
  throw new ApiException(410, 'Expired', undefined, {});
}
