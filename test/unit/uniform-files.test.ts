import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtempDisposable, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeUniform } from '../../scripts/uniform-files.ts';

const date = new Date('2027-01-31T12:00:00Z');

for (const [when, before] of [
  ['older', new Date('2001-01-01T00:00:00Z')],
  ['newer', new Date('2030-01-01T00:00:00Z')],
] as const)
  test(`files that are ${when} than their date, and have rights of their own, are all the same`, async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'uniform-'));
    const inside = join(folder.path, 'a');
    await mkdir(inside);
    await writeFile(join(inside, 'b'), '');
    for (const path of [join(inside, 'b'), inside]) {
      await chmod(path, 0o770);
      await utimes(path, before, before);
    }

    await makeUniform(folder.path, date);

    for (const [path, rights] of [
      [folder.path, 0o755],
      [inside, 0o755],
      [join(inside, 'b'), 0o644],
    ] as const) {
      const { mode, mtime } = await stat(path);
      assert.deepEqual([path, mode & 0o777, mtime], [path, rights, date]);
    }
  });
