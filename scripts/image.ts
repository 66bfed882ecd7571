import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { buildBundle } from './build.ts';
import { type Process, startProcess } from './cluster/process.ts';
import { findRunc } from './runc.ts';
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

/** Builds the job's image with a BuildKit of its own, so no Docker is needed. */
async function main(): Promise<number> {
  const program = new Command('npm run image --')
    .description('Builds the image of the job, and pushes it with the logins of your docker config.')
    .argument('<name>', 'name of the image, e.g. registry.example.com/tools/pullsecret-sync:0.1.0')
    .option('--push', 'push it, instead of writing it to a file', false)
    .option('--output <file>', 'file for the OCI archive where it is not pushed', 'dist/image.tar')
    .option('--platform <list>', 'platforms', 'linux/amd64,linux/arm64')
    .option('--base <image>', 'another base image, with Node at /usr/local/bin/node (default: see job/Dockerfile)')
    .parse();
  if (process.getuid?.() !== 0) {
    console.error(
      'BuildKit needs root here: run it as root, or build job/Dockerfile with "docker buildx build" after "npm run build".',
    );
    return 1;
  }
  await buildBundle();
  return build(program.args[0] as string, program.opts<Options>());
}

async function build(name: string, { base, platform, push, output }: Options): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'pullsecret-sync-buildkit-'));
  const address = `unix://${join(directory, 'buildkitd.sock')}`;
  const daemon = await startBuildKit(directory, address);
  try {
    const to = push ? `type=image,name=${name},push=true` : `type=oci,name=${name},dest=${output}`;
    const args = [
      ...['--addr', address, 'build', '--frontend', 'dockerfile.v0'],
      ...['--local', `context=${root}`, '--local', `dockerfile=${join(root, 'job')}`],
      ...['--opt', `platform=${platform}`, ...(base ? ['--opt', `build-arg:BASE=${base}`] : [])],
      ...['--output', to],
    ];
    const [code] = await once(spawn(await tool('buildctl'), args, { stdio: 'inherit' }), 'exit');
    return code ?? 1;
  } finally {
    await daemon.stop();
    await rm(directory, { recursive: true });
  }
}

async function startBuildKit(directory: string, address: string): Promise<Process> {
  const flags = [
    `--addr=${address}`,
    `--root=${directory}`,
    '--containerd-worker=false',
    `--oci-worker-binary=${await findRunc()}`,
  ];
  const [buildkitd, buildctl] = [await tool('buildkitd'), await tool('buildctl')];
  const daemon = startProcess('buildkitd', buildkitd, flags, { directory });
  await until('BuildKit answers', async () => {
    daemon.assertAlive();
    const [code] = await once(spawn(buildctl, ['--addr', address, 'debug', 'workers'], { stdio: 'ignore' }), 'exit');
    return code === 0;
  });
  return daemon;
}
