import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { pinBase } from './base-image.ts';
import { buildBundle } from './build.ts';
import { CannotRunHere } from './cannot-run-here.ts';
import { startProcess } from './cluster/process.ts';
import { writeImageContext } from './image-context.ts';
import { sourceDate } from './source-date.ts';
import { systemProgram } from './system-program.ts';
import { toldToStop } from './told-to-stop.ts';
import { tool } from './tools.ts';
import { until } from './until.ts';

const root = join(import.meta.dirname, '..');

interface Options {
  base?: string;
  platform: string;
  push: boolean;
  output: string;
}

process.exitCode = await main();

/** Builds the job's image with a BuildKit of its own, so no Docker is needed. The same commit and base give the same digest. */
async function main(): Promise<number> {
  const program = new Command('npm run image --')
    .description('Builds the image of the job, and pushes it with the logins of your docker config.')
    .argument('<name>', 'name of the image, e.g. registry.example.com/tools/pullsecret-sync:0.2.0')
    .option('--push', 'push it, instead of writing it to a file', false)
    .option('--output <file>', 'file for the OCI archive where it is not pushed', 'dist/image.tar')
    .option('--platform <list>', 'platforms', 'linux/amd64,linux/arm64')
    .option(
      '--base <image>',
      'another base image, by tag or digest, with Node at /usr/local/bin/node (default: see job/Dockerfile)',
    )
    .parse();
  try {
    if (process.getuid?.() !== 0) {
      throw new CannotRunHere(
        'BuildKit needs root here: run it as root, or build job/Dockerfile with "docker buildx build" after "npm run build".',
      );
    }
    await buildBundle();
    return await build(program.args[0] as string, program.opts<Options>());
  } catch (error) {
    console.error(toldToStop.aborted ? 'The build was told to stop.' : (error as Error).message);
    return 1;
  }
}

async function build(name: string, { base, platform, push, output }: Options): Promise<number> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'pullsecret-sync-buildkit-'));
  const [date, { name: pinned, annotations }] = await Promise.all([sourceDate(), pinBase(base)]);
  const context = join(folder.path, 'context');
  await mkdir(context);
  await writeImageContext(context, date);
  const address = `unix://${join(folder.path, 'buildkitd.sock')}`;
  const [buildkitd, buildctl, runc] = [await tool('buildkitd'), await tool('buildctl'), await systemProgram('runc')];
  const flags = [
    `--addr=${address}`,
    `--root=${folder.path}`,
    '--containerd-worker=false',
    `--oci-worker-binary=${runc}`,
  ];
  await using daemon = startProcess('buildkitd', buildkitd, flags, { directory: folder.path });
  await until('BuildKit answers', async () => {
    toldToStop.throwIfAborted();
    daemon.assertAlive();
    const [code] = await once(spawn(buildctl, ['--addr', address, 'debug', 'workers'], { stdio: 'ignore' }), 'exit');
    return code === 0;
  });
  const to = push ? `type=image,name=${name},push=true` : `type=oci,name=${name},dest=${output}`;
  const says = Object.entries(annotations).map(([key, value]) => `,annotation.${key}=${value}`);
  const args = [
    ...['--addr', address, 'build', '--frontend', 'dockerfile.v0'],
    ...['--local', `context=${context}`, '--local', `dockerfile=${join(root, 'job')}`],
    ...['--opt', `platform=${platform}`, '--opt', `build-arg:BASE=${pinned}`],
    ...['--opt', `build-arg:SOURCE_DATE_EPOCH=${date.getTime() / 1000}`],
    ...['--output', to + says.join('')],
  ];
  const [code] = await once(spawn(buildctl, args, { stdio: 'inherit', signal: toldToStop }), 'exit');
  return code ?? 1;
}
