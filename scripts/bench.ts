import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Figure, Plot } from '../test/bench/figure.ts';
import { drawPlot } from '../test/bench/plot.ts';
import { resultsPage } from '../test/bench/results.ts';
import { buildBundle } from './build.ts';
import { runInSandbox, sandboxObstacle } from './cluster/sandbox.ts';
import { systemProgram } from './system-program.ts';
import { prepareTools } from './tools.ts';

/** What can be measured by itself, and about how long it takes on 2 cores. */
const groups = {
  runs: 'whole runs beside the yardstick, 100 to 10,000 namespaces: 25 min',
  start: 'from exec to the first request: 1 min',
  connections: 'connections to the API server: 1 min',
  follower: 'the follower at work and at rest: 20 min',
  pod: '50 runs in real pods with the default limits: 10 min',
  plan: 'the pure plan: some seconds',
  image: 'the size of the image: some seconds',
};
const folder = join(import.meta.dirname, '..', 'test', 'bench');

const program = new Command('npm run bench --')
  .description('Measures what the job costs, and writes test/bench/RESULTS.md where everything is measured.')
  .addOption(new Option('--only <group...>', 'measure these only, and print them').choices(Object.keys(groups)))
  .option('--runs <number>', 'pairs of runs of which the median counts', positive, 5)
  .addHelpText(
    'after',
    `\nGroups:\n${Object.entries(groups)
      .map(([name, what]) => `  ${name.padEnd(12)} ${what}`)
      .join('\n')}`,
  )
  .parse();

process.exitCode = await main(program.opts());

async function main({ only, runs }: { only?: string[]; runs: number }): Promise<number> {
  const obstacle = sandboxObstacle('root');
  if (obstacle) {
    console.error(`The bench cannot start its cluster here: ${obstacle}.`);
    return 1;
  }
  await buildBundle();
  const node = ['containerd', 'cni', 'registry', 'crane', 'buildkit', 'pause'] as const;
  await prepareTools(['kubernetes', 'etcd', ...node, 'helm', 'helm3', 'helmfile', 'yardstick']);
  await Promise.all([systemProgram('time'), systemProgram('runc')]);

  const figures: Figure[] = [];
  const plots: Plot[] = [];
  for (const name of only ?? Object.keys(groups)) {
    const measured = await measureGroup(name, runs);
    figures.push(...measured.figures);
    plots.push(...(measured.plots ?? []));
  }
  const page = resultsPage(figures, plots, runs);
  console.log(page);
  if (only) return 0;
  for (const plot of plots) await writeFile(join(folder, plot.file), drawPlot(plot));
  await writeFile(join(folder, 'RESULTS.md'), page);
  return 0;
}

/** @throws an Error where it could not be measured; a bar that is missed is a result */
async function measureGroup(name: string, runs: number): Promise<{ figures: Figure[]; plots?: Plot[] }> {
  await using results = await mkdtempDisposable(join(tmpdir(), 'pullsecret-sync-bench-'));
  const file = join(results.path, 'figures.json');
  const hook = ['--import', join(import.meta.dirname, 'templates-hook.ts')];
  const code = await runInSandbox(process.execPath, [...hook, join(folder, 'run-group.ts'), name, String(runs), file]);
  if (code !== 0) throw new Error(`the group ${name} could not be measured: look at the message above`);
  return JSON.parse(await readFile(file, 'utf8'));
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('must be a whole number from 1 on.');
  return number;
}
