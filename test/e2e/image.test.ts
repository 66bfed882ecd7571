import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, cp, mkdtemp, mkdtempDisposable, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { version } from '../../job/src/version.ts';
import { type Registry, startRegistry } from '../../scripts/cluster/registry.ts';
import { tool } from '../../scripts/tools.ts';
import { searchFiles } from '../support/leaks/search-cluster.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { documented } from '../support/page.ts';
import { runCommands } from '../support/shell.ts';
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
  await searchFiles(folder, '*.log');
  await rm(folder, { recursive: true });
});

/** Builds it with `npm run image`, on an empty base: the two platforms of the real one cannot be pulled here. */
async function build(): Promise<Archive> {
  const file = join(folder, 'image.tar');
  const env = { ...process.env, SOURCE_DATE_EPOCH: `${date.getTime() / 1000}` };
  const args = ['run', 'image', '--', 'pullsecret-sync:test', '--base', 'scratch', '--output', file];
  await run('npm', args, { cwd: root, env });
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
    image = await build();
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

  test('says on which base it was built, and whoever checks it as the page says makes the same again, byte for byte', async () => {
    // Below "dist", so that it is on the same file system as the packages that it links.
    await using checkout = await mkdtempDisposable(join(root, 'dist', 'checkout-'));
    await makeRepository(checkout.path);
    await registry.push(await image.unpack(), 'base/node:26.10.0');
    const base = `${registry.address}/base/node:26.10.0`;
    const pinned = `${base}@${await image.digest()}`;
    const env = {
      ...process.env,
      ...{ PATH: `${dirname(await tool('crane'))}:${process.env.PATH}`, DOCKER_CONFIG: await registry.login() },
      ...{ VERSION: version, BASE: pinned },
    };
    const shell = async (commands: string) => (await runCommands(commands, { cwd: checkout.path, env })).stdout;
    const published = `${registry.address}/pullsecret-sync/pullsecret-sync:${version}`;
    const publish = documented('chart/pages/operating.md', 'The image').trim();
    await shell(`umask 002; ${publish.replace(/registry\S+/, published)} --base ${base}`);
    await rm(join(checkout.path, 'dist'), { recursive: true });

    const check = documented('SECURITY.md', 'Check a build').replaceAll('ghcr.io', registry.address);
    const printed = await shell(`umask 077; ${check}`);

    const [name, built, there] = printed.trim().split('\n').slice(-3);
    assert.equal(name, pinned);
    assert.match(`${built}`, /^sha256:/);
    assert.equal(there, built);
    await access(join(checkout.path, 'dist', `pullsecret-sync-${version}.tgz`));
  });
});

/** A repository with the version's tag, and a commit after it. */
async function makeRepository(folder: string): Promise<void> {
  for (const part of ['.gitignore', 'LICENSE', 'chart', 'job', 'scripts', 'package.json', 'package-lock.json'])
    await cp(join(root, part), join(folder, part), { recursive: true });
  await run('cp', ['--archive', '--link', join(root, 'node_modules'), folder]);
  const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };
  const commit = ['commit', '--quiet', '--message=version'];
  for (const args of [
    ['init', '--quiet'],
    ['add', '--all'],
    commit,
    ['tag', `v${version}`],
    [...commit, '--allow-empty'],
  ])
    await run('git', args, { cwd: folder, env: { ...process.env, ...who } });
}
