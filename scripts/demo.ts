import { join } from 'node:path';
import { Command, Option } from 'commander';
import { runInSandbox, sandboxObstacle } from './cluster/sandbox.ts';
import { playOnForeignCluster } from './demo/foreign-cluster.ts';
import { systemProgram } from './system-program.ts';
import { prepareTools } from './tools.ts';

const program = new Command('npm run demo --')
  .description('Shows the main job on a cluster of its own, which it starts and takes down again.')
  .option('--keep', 'leave everything, and say how to use it', false)
  .option('--context <name>', 'play on a cluster that you have, by the name of its kubeconfig context')
  .addOption(new Option('--image <image...>', 'private images to deploy with --context').default([], 'none'))
  .addHelpText(
    'after',
    '\nWith --context, credentials come from the environment as in chart/helmfile/values.yaml.gotmpl.',
  )
  .parse();

process.exitCode = await main(program.opts());

interface Options {
  keep: boolean;
  context?: string;
  image: string[];
}

async function main({ keep, context, image }: Options): Promise<number> {
  try {
    return context === undefined ? await onOwnCluster(keep) : await onForeignCluster(context, image, keep);
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  }
}

async function onOwnCluster(keep: boolean): Promise<number> {
  const obstacle = sandboxObstacle('root');
  if (obstacle) throw new Error(`The demo cannot start its cluster here: ${obstacle}.`);
  const clusterTools = ['kubernetes', 'etcd', 'containerd', 'cni', 'registry', 'crane', 'buildkit', 'pause'] as const;
  await prepareTools([...clusterTools, 'helm', 'helmfile']);
  await systemProgram('runc');
  const script = join(import.meta.dirname, 'demo', 'own-cluster.ts');
  return runInSandbox(process.execPath, [
    '--import',
    join(import.meta.dirname, 'templates-hook.ts'),
    script,
    ...(keep ? ['--keep'] : []),
  ]);
}

async function onForeignCluster(context: string, image: string[], keep: boolean): Promise<number> {
  if (image.length === 0) throw new Error('Name at least one private image with --image.');
  await prepareTools(['kubernetes', 'helm', 'helmfile']);
  return playOnForeignCluster(context, image, keep);
}
