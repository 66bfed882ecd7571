import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { type Registry, startRegistry } from '../../scripts/cluster/registry.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { root } from './support.ts';

const run = promisify(execFile);
const date = new Date('2027-01-31T12:00:00Z');

interface Descriptor {
  digest: string;
  platform?: { os: string; architecture: string };
}

let folder: string;
let registry: Registry;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-'));
  registry = await startRegistry({
    host: 'x',
    port: 5005,
    username: 'robot',
    password: uniquePassword('robot'),
    directory: folder,
  });
});
after(async () => {
  await registry.stop();
  await rm(folder, { recursive: true });
});

/** Builds it with `npm run image` on a machine with this umask. */
async function build(base: string, umask = '022'): Promise<Archive> {
  const file = join(await mkdtemp(join(folder, 'build-')), 'image.tar');
  const args = ['run', 'image', '--', 'pullsecret-sync:test', '--base', base, '--output', file];
  const env = { ...process.env, SOURCE_DATE_EPOCH: `${date.getTime() / 1000}`, DOCKER_CONFIG: await registry.login() };
  await run('sh', ['-c', `umask ${umask} && exec npm "$@"`, 'sh', ...args], { cwd: root, env });
  return new Archive(file);
}

class Archive {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  /** The digest of the whole, for all platforms. */
  async digest(): Promise<string> {
    return (await this.json('index.json')).manifests[0].digest;
  }

  /** Each platform's manifest, with the configuration. */
  async images() {
    const manifests: Descriptor[] = (await this.blob(await this.digest())).manifests;
    return Promise.all(
      manifests.map(async ({ digest, platform }) => {
        const manifest = await this.blob(digest);
        return { platform, manifest, config: await this.blob(manifest.config.digest) };
      }),
    );
  }

  /** The lines of `tar --list` for a layer, sorted. */
  async filesOf(layer: Descriptor, ...options: string[]): Promise<string[]> {
    const script = 'file=$1 blob=$2; shift 2; tar -xOf "$file" "$blob" | tar --gzip --list "$@" --file -';
    const { stdout } = await run('sh', ['-c', script, 'sh', this.file, blobPath(layer.digest), ...options]);
    return stdout.trim().split('\n').toSorted();
  }

  /** The folder that it is the archive of. */
  async unpack(): Promise<string> {
    const layout = await mkdtemp(join(dirname(this.file), 'layout-'));
    await run('tar', ['-xf', this.file, '-C', layout]);
    return layout;
  }

  private blob(digest: string) {
    return this.json(blobPath(digest));
  }

  private async json(path: string) {
    return JSON.parse((await run('tar', ['-xOf', this.file, path], { maxBuffer: 64 << 20 })).stdout);
  }
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

suite('npm run image', () => {
  let image: Archive;

  before(async () => {
    // An empty base, since the two platforms of the real one cannot be pulled here.
    image = await build('scratch');
  });

  test('builds for amd64 and arm64, to run as a user that is not root', async () => {
    const images = await image.images();

    assert.deepEqual(images.map(({ platform }) => `${platform?.os}/${platform?.architecture}`).toSorted(), [
      'linux/amd64',
      'linux/arm64',
    ]);
    for (const { config } of images) {
      assert.equal(config.config.User, '65532:65532');
      const entrypoint = ['/usr/local/bin/node', '--max-semi-space-size=4', '/pullsecret-sync.mjs'];
      assert.deepEqual(config.config.Entrypoint, entrypoint);
    }
  });

  test('puts the program into it, with the licences and the names of all that it is made of', async () => {
    const parts = (await readdir(join(root, 'dist', 'pullsecret-sync'))).map((part) => `pullsecret-sync/${part}`);
    for (const { manifest } of await image.images()) {
      const [files, folder] = manifest.layers;
      assert.deepEqual(await image.filesOf(files), [
        ...['LICENSE', 'NOTICES.txt', 'pullsecret-sync.cdx.json', 'pullsecret-sync.mjs'],
      ]);
      assert.deepEqual(await image.filesOf(folder), ['pullsecret-sync/', ...parts].toSorted());
    }
  });

  test('gives all of it the date of the source', async () => {
    const created = date.toISOString().replace('.000', '');
    for (const { manifest, config } of await image.images()) {
      assert.deepEqual(new Set([config, ...config.history].map((one) => one.created)), new Set([created]));
      for (const layer of manifest.layers)
        for (const line of await image.filesOf(layer, '--verbose', '--utc', '--full-time'))
          assert.match(line, /^(-r--r--r--|-rw-r--r--|drwxr-xr-x) 0\/0 .* 2027-01-31 12:00:00 /);
    }
  });

  test('says on which base it was built, and makes the same image of it again, byte for byte', async () => {
    const name = `${registry.address}/base/node:26.10.0`;
    await registry.push(await image.unpack(), 'base/node:26.10.0');

    const first = await build(name, '002');

    const annotations = (await first.images()).map(({ manifest }) => manifest.annotations);
    const digest = annotations[0]['org.opencontainers.image.base.digest'];
    assert.equal(digest, await image.digest());
    assert.equal(annotations[0]['org.opencontainers.image.base.name'], name);
    assert.deepEqual(annotations[1], annotations[0]);
    const again = await build(`${name}@${digest}`, '077');
    assert.equal(await again.digest(), await first.digest());
  });
});
