import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Measured } from '../test/bench/figure.ts';
import { drawPlot } from '../test/bench/plot.ts';
import { resultsPage } from '../test/bench/results.ts';
import { buildBundle } from './build.ts';
import { runInSandbox, sandboxObstacle } from './cluster/sandbox.ts';
import { systemProgram } from './system-program.ts';
import { prepareTools } from './tools.ts';

/** What can be measured by itself, and about how long it takes on 2 cores. */
const groups = {
  runs: 'whole runs that write, beside the yardstick, 100 to 10,000 namespaces: 17 min',
  idle: 'whole runs that find nothing to do, the same: 5 min',
  start: 'from exec to the first request: 1 min',
  connections: 'connections to the API server: 1 min',
  follower: 'the follower at work and at rest: 20 min',
  pod: '50 runs in real pods with the default limits: 10 min',
  plan: 'the pure plan: some seconds',
  image: 'the size of the image: some seconds',
};
const folder = join(import.meta.dirname, '..', 'test', 'bench');

const program = new Command('npm run bench --')
  .description('Measures what the job costs, and writes it to test/bench/RESULTS.md.')
  .addOption(
    new Option('--only <group...>', 'measure these only; the others keep their results').choices(Object.keys(groups)),
  )
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

  const file = join(folder, 'results.json');
  const results: Record<string, Measured> = JSON.parse(await readFile(file, 'utf8').catch(() => '{}'));
  for (const name of only ?? Object.keys(groups)) {
    results[name] = { day: new Date().toISOString().slice(0, 10), runs, ...(await measureGroup(name, runs)) };
    // After each: what took half an hour is not lost with what fails after it.
    await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  }
  const measured = Object.keys(groups).flatMap((name) => results[name] ?? []);
  for (const plot of measured.flatMap(({ plots = [] }) => plots))
    await writeFile(join(folder, plot.file), drawPlot(plot));
  const page = resultsPage(measured);
  await writeFile(join(folder, 'RESULTS.md'), page);
  console.log(page);
  return 0;
}

/** @throws an Error where it could not be measured; a bar that is missed is a result */
async function measureGroup(name: string, runs: number): Promise<Pick<Measured, 'figures' | 'plots'>> {
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
