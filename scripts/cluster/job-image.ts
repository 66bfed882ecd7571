import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Cluster } from './cluster.ts';
import type { ControlPlane } from './control-plane.ts';
import { writeNodeBase } from './node-base.ts';

const name = 'tools/pullsecret-sync:local';
/** The image of the job in the cluster's private registry, once `pushJobImage` has been there. */
export const jobImage = `registry.example.com/${name}`;

/** Builds the image with `npm run image`, on a base that is made here, and pushes it to the cluster's private registry. */
export async function pushJobImage({ registry, controlPlane }: Cluster): Promise<void> {
  const archive = nodeBaseOf(controlPlane);
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

/** The archive of the base image, once `pushJobImage` has been there. */
export function nodeBaseOf({ directory }: ControlPlane): string {
  return join(directory, 'node-base.tar');
}
