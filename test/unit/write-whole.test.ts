import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { writeWhole } from '../../job/src/import/write-whole.ts';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'write-whole-'));
  file = join(directory, 'values.yaml');
});
afterEach(() => rm(directory, { recursive: true }));

test('a new file is written', async () => {
  for (const overwrite of [false, true]) {
    await writeWhole(file, 'new', overwrite);
    assert.equal(await readFile(file, 'utf8'), 'new');
    await rm(file);
  }
});

test('a file that is there stays as it is', async () => {
  await writeFile(file, 'old');

  await assert.rejects(writeWhole(file, 'new', false), { code: 'EEXIST' });

  assert.equal(await readFile(file, 'utf8'), 'old');
});

test('a file is replaced with the rights that it has, also by way of a link, and nothing else is left', async () => {
  const link = join(directory, 'link');
  await writeFile(file, 'old');
  await chmod(file, 0o600);
  await symlink(file, link);

  await writeWhole(link, 'new', true);

  assert.equal(await readFile(file, 'utf8'), 'new');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.equal(await readlink(link), file);
  assert.deepEqual(await readdir(directory), ['link', 'values.yaml']);
});

test('a device is written to, and not replaced', async () => {
  await writeWhole('/dev/null', 'new', true);

  assert.ok((await stat('/dev/null')).isCharacterDevice());
});

test('a folder is no file', async () => {
  await assert.rejects(writeWhole(directory, 'new', true), { code: 'EISDIR' });
});
