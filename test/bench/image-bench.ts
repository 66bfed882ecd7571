import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { imageFiles } from '../../scripts/image-context.ts';
import { atMost, type Bench } from './figure.ts';

const root = join(import.meta.dirname, '..', '..');

/** What the image has above its base, compressed as a registry keeps it. */
export const imageBench: Bench = async () => {
  const { stdout, status } = spawnSync('tar', ['--create', '--gzip', ...imageFiles], {
    cwd: root,
    maxBuffer: 64 << 20,
  });
  if (status !== 0) throw new Error('tar failed');
  const details = `tar and gzip of ${imageFiles.join(', ')}`;
  return { figures: [atMost('Image, compressed, without the Node base', stdout.length / 1e6, 1, 'MB', details)] };
};
