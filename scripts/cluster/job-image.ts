import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { makeWhole } from '../make-whole.ts';
import type { Cluster } from './cluster.ts';
import { writeNodeBase } from './node-base.ts';

const name = 'tools/pullsecret-sync:local';
/** The image of the job in the cluster's private registry, once `pushJobImage` has been there. */
export const jobImage = `registry.example.com/${name}`;

/** The variable with a folder that the test files of one run share: what one of them built the others find there. */
export const sharedVariable = 'PULLSECRET_SYNC_SHARED';

/**
 * Puts the image into the cluster's private registry: as `npm run image` builds and pushes it on a base that is made here,
 * or, where that was done for another cluster of the same run of tests, as it lies in the registry there.
 */
export async function pushJobImage(cluster: Cluster): Promise<void> {
  const { data } = cluster.registry;
  const shared = process.env[sharedVariable];
  const built = shared && join(shared, 'job-image');
  if (built && existsSync(built)) return cp(built, data, { recursive: true });
  await buildJobImage(cluster);
  if (built) await makeWhole(built, (unfinished) => cp(data, unfinished, { recursive: true }));
}

async function buildJobImage({ registry, controlPlane }: Cluster): Promise<void> {
  const archive = join(controlPlane.directory, 'node-base.tar');
  await writeNodeBase(archive);
  await registry.push(archive, 'base/node:26');
  const platform = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const base = ['--base', `${registry.address}/base/node:26`, '--platform', platform];
  const child = spawn('npm', ['run', 'image', '--', `${registry.address}/${name}`, '--push', ...base], {
    cwd: join(import.meta.dirname, '..', '..'),
    // The date does not matter here, and a copy of the project without its history has none.
    env: { SOURCE_DATE_EPOCH: '0', ...process.env, DOCKER_CONFIG: await registry.login() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(`"npm run image" failed:\n${output}${errors}`);
}
