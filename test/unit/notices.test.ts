import assert from 'node:assert/strict';
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { noticesOf } from '../../scripts/notices.ts';

async function addPackage(
  root: string,
  name: string,
  licence: Record<string, string>,
  license: unknown = 'MIT',
): Promise<string> {
  const folder = join(root, 'node_modules', name);
  await mkdir(folder, { recursive: true });
  const files = { 'package.json': JSON.stringify({ name, version: '1.0.0', license }), ...licence };
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  return join('node_modules', name, 'index.js');
}

test('each package of a bundle is named once, with its licence', async () => {
  await using root = await mkdtempDisposable(join(tmpdir(), 'notices-'));
  const scoped = await addPackage(root.path, '@a/b', { LICENSE: 'do what you like\n' });
  const plain = await addPackage(root.path, 'c', { 'licence.md': 'so do I' });

  const notices = await noticesOf([scoped, join('node_modules/@a/b/lib/x.js'), plain, 'job/src/main.ts'], root.path);

  assert.equal(notices, '@a/b 1.0.0 (MIT)\n\ndo what you like\n\nc 1.0.0 (MIT)\n\nso do I\n');
});

test('a package without a licence is not bundled', async () => {
  await using root = await mkdtempDisposable(join(tmpdir(), 'notices-'));
  const input = await addPackage(root.path, 'c', { 'README.md': '' });

  await assert.rejects(noticesOf([input], root.path), /the package c has no file with its licence/);
});

for (const license of ['GPL-3.0-only', 'MIT AND GPL-3.0-only', 'CC-BY-3.0', 'SEE LICENSE IN x', { type: 'MIT' }, null])
  test(`a package with the licence ${JSON.stringify(license)} is not bundled`, async () => {
    await using root = await mkdtempDisposable(join(tmpdir(), 'notices-'));
    const input = await addPackage(root.path, 'c', { LICENSE: 'yes' }, license);

    await assert.rejects(
      noticesOf([input], root.path),
      /^Error: the package c has the licence .*, which no bundle may hold$/,
    );
  });
