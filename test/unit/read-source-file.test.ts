import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ProblemError } from '../../job/src/problem.ts';
import { readSourceFile } from '../../job/src/read-source-file.ts';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pullsecret-sync-'));
});
after(() => rm(folder, { recursive: true }));

async function expectProblem(path: string, message: string): Promise<void> {
  await assert.rejects(readSourceFile(path), (error) => {
    assert.ok(error instanceof ProblemError);
    assert.equal(error.problem.message, message);
    return true;
  });
}

test('a file is read byte for byte, up to 4 MiB', async () => {
  const path = join(folder, 'large');
  const content = Buffer.alloc(4 * 1_048_576, Buffer.from([0x00, 0xff, 0x0a, 0x0d]));
  await writeFile(path, content);

  assert.ok((await readSourceFile(path))?.equals(content));
});

test('a file that is larger is refused with its name', async () => {
  const path = join(folder, 'too-large');
  await writeFile(path, Buffer.alloc(4 * 1_048_576 + 1));

  await expectProblem(path, `file ${path} has more than 4194304 bytes`);
});

test('an empty file is empty, and one that is not there is told from it', async () => {
  const path = join(folder, 'empty');
  await writeFile(path, '');

  assert.equal((await readSourceFile(path))?.length, 0);
  assert.equal(await readSourceFile(join(folder, 'none')), undefined);
});

test('what the system makes when it is read is read, though it has no size', async () => {
  assert.match((await readSourceFile('/proc/self/status'))?.toString() ?? '', /^Name:/);
});

test('a pipe that nobody writes to, a device without an end and a folder are refused at once', async () => {
  const pipe = join(folder, 'pipe');
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0);

  for (const path of [pipe, '/dev/zero', folder]) {
    await expectProblem(path, `file ${path} is a folder, a pipe or a device`);
  }
});

test('a path through a file is refused', async () => {
  const path = join(folder, 'plain');
  await writeFile(path, '');

  await expectProblem(join(path, 'config.json'), `file ${join(path, 'config.json')} cannot be read`);
});
