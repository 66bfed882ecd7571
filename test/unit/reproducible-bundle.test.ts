import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtempDisposable, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { buildBundle } from '../../scripts/build.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

test('another checkout, in another place, makes the same bundle byte for byte', async () => {
  await buildBundle();
  // Below "dist", so that it is on the same file system: hard links cost nothing, and unlike symbolic ones are no other path.
  await using checkout = await mkdtempDisposable(join(root, 'dist', 'checkout-'));
  for (const part of ['job', 'scripts', 'package.json']) {
    await cp(join(root, part), join(checkout.path, part), { recursive: true });
  }
  await run('cp', ['--archive', '--link', join(root, 'node_modules'), checkout.path]);

  const env = { TZ: 'Asia/Tokyo', LC_ALL: 'sv_SE.UTF-8' };
  await run(process.execPath, [join(checkout.path, 'scripts', 'build.ts')], { cwd: '/', env });

  const built = await contentOf(join(checkout.path, 'dist'));
  const files = [...built.keys()];
  for (const file of ['pullsecret-sync.mjs', 'NOTICES.txt', 'pullsecret-sync.cdx.json'])
    assert.ok(files.includes(file));
  for (const [file, content] of built) assert.ok(content.equals(await readFile(join(root, 'dist', file))), file);
  assert.deepEqual(
    (await readdir(join(root, 'dist', 'pullsecret-sync'))).toSorted(),
    (await readdir(join(checkout.path, 'dist', 'pullsecret-sync'))).toSorted(),
  );
});

async function contentOf(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return new Map(
    await Promise.all(paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path)] as const)),
  );
}
