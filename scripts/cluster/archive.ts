import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

const run = promisify(execFile);
const sameBytes = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];

export interface ImageContent {
  /** Files of this machine, by their path in the image. */
  files: Record<string, string>;
  /** The image's config, as an OCI image names it, e.g. `{ Entrypoint: ['/pause'] }`. */
  config: { Entrypoint?: string[]; User?: string; Env?: string[] };
}

/**
 * Writes an image with one layer as an archive of the form that `docker save` writes; the same bytes each time.
 *
 * @param tag the name that it has where it is imported without another one
 */
export async function writeImageArchive(archive: string, tag: string, { files, config }: ImageContent): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'pullsecret-sync-image-'));
  try {
    const root = join(directory, 'root');
    for (const [inside, outside] of Object.entries(files)) {
      await mkdir(dirname(join(root, inside)), { recursive: true });
      await copyFile(outside, join(root, inside));
    }
    await run('tar', ['-cf', join(directory, 'layer.tar'), ...sameBytes, '-C', root, '.']);
    const layer = await readFile(join(directory, 'layer.tar'));
    const digest = createHash('sha256').update(layer).digest('hex');
    // A registry has layers in gzip, and whoever pushes one that is not compresses it. On one machine that is no gain.
    await writeFile(join(directory, 'layer.tar.gz'), gzipSync(layer, { level: 0 }));
    const image = {
      architecture: arch() === 'x64' ? 'amd64' : arch(),
      os: 'linux',
      config,
      rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
    };
    await writeFile(join(directory, 'config.json'), JSON.stringify(image));
    const manifest = [{ Config: 'config.json', RepoTags: [tag], Layers: ['layer.tar.gz'] }];
    await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
    const parts = ['manifest.json', 'config.json', 'layer.tar.gz'];
    await run('tar', ['-cf', archive, ...sameBytes, '-C', directory, ...parts]);
  } finally {
    await rm(directory, { recursive: true });
  }
}
