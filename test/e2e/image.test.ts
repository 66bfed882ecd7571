import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempDisposable, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { root } from './support.ts';

const run = promisify(execFile);

interface Descriptor {
  digest: string;
  platform?: { os: string; architecture: string };
}

test('npm run image builds for amd64 and arm64, to run as a user that is not root, with the licences and the names of all in it', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'image-'));
  const archive = join(folder.path, 'image.tar');
  // An empty base, since the two platforms of the real one cannot be pulled here.
  const args = ['run', 'image', '--', 'pullsecret-sync:test', '--base', 'scratch', '--output', archive];

  await run('npm', args, { cwd: root });

  const read = async (path: string) =>
    JSON.parse((await run('tar', ['-xOf', archive, path], { maxBuffer: 64 << 20 })).stdout);
  const blob = (digest: string) => read(`blobs/${digest.replace(':', '/')}`);
  const filesOf = async (digest: string) => {
    const script = 'tar -xOf "$1" "blobs/$2" | tar -tzf -';
    const { stdout } = await run('sh', ['-c', script, 'sh', archive, digest.replace(':', '/')]);
    return stdout.trim().split('\n').toSorted();
  };
  const [index] = (await read('index.json')).manifests as Descriptor[];
  const images = ((await blob(index?.digest ?? '')).manifests as Descriptor[]).filter(
    ({ platform }) => platform?.os === 'linux',
  );
  assert.deepEqual(images.map(({ platform }) => platform?.architecture).toSorted(), ['amd64', 'arm64']);
  for (const { digest } of images) {
    const manifest = await blob(digest);
    const { config } = await blob(manifest.config.digest);
    assert.equal(config.User, '65532:65532');
    assert.deepEqual(config.Entrypoint, ['/usr/local/bin/node', '--max-semi-space-size=4', '/pullsecret-sync.mjs']);
    const files = ['LICENSE', 'NOTICES.txt', 'pullsecret-sync.cdx.json', 'pullsecret-sync.mjs'];
    assert.deepEqual(await filesOf(manifest.layers[0].digest), files);
    const parts = (await readdir(join(root, 'dist', 'pullsecret-sync'))).map((part) => `pullsecret-sync/${part}`);
    assert.deepEqual(await filesOf(manifest.layers[1].digest), ['pullsecret-sync/', ...parts].toSorted());
  }
});
