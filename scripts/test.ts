import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { buildBundle } from './build.ts';
import { runInSandbox, sandboxObstacle } from './cluster/sandbox.ts';
import { lint } from './lint.ts';
import { findRunc } from './runc.ts';
import { type FamilyName, prepareTools } from './tools.ts';

interface Layer {
  /** Programs that it needs, by family. */
  tools: FamilyName[];
  /** Whether it runs a cluster, and as whom. */
  sandbox?: 'user' | 'root';
  /** Test files at the same time. Each file has a cluster of its own. */
  concurrency: number;
}

const controlPlane: FamilyName[] = ['kubernetes', 'etcd'];
const node: FamilyName[] = ['containerd', 'cni', 'registry', 'crane', 'buildkit', 'pause'];
const layers: Record<string, Layer> = {
  unit: { tools: [], concurrency: 2 },
  simulation: { tools: [], concurrency: 1 },
  chart: { tools: [...controlPlane, 'helm', 'helm3'], sandbox: 'user', concurrency: 2 },
  cluster: { tools: [...controlPlane, 'helm', 'helmfile'], sandbox: 'user', concurrency: 2 },
  e2e: { tools: [...controlPlane, ...node, 'helm', 'helm3', 'helmfile'], sandbox: 'root', concurrency: 1 },
};

interface Outcome {
  layer: string;
  result: 'passed' | 'failed' | 'skipped';
  seconds: number;
  because?: string;
}

process.exitCode = await main(process.argv.slice(2));

/** Runs the named layers, or lint and all of them. A skipped layer is a failure in CI, where nobody would notice. */
async function main(names: string[]): Promise<number> {
  const unknown = names.filter((name) => !Object.hasOwn(layers, name));
  if (unknown.length > 0) {
    console.error(`There is no layer ${unknown.join(', ')}: choose of ${Object.keys(layers).join(', ')}.`);
    return 64;
  }
  const outcomes: Outcome[] = [];
  if (names.length === 0) outcomes.push(await timed('lint', async () => (lint() === 0 ? 'passed' : 'failed')));
  await buildBundle();
  for (const name of names.length > 0 ? names : Object.keys(layers)) outcomes.push(await runLayer(name));

  console.log('\nLayers:');
  for (const { layer, result, seconds, because } of outcomes) {
    console.log(
      `  ${layer.padEnd(10)} ${result.padEnd(8)} ${seconds.toFixed(0).padStart(4)} s${because ? `  ${because}` : ''}`,
    );
  }
  const bad = outcomes.filter(({ result }) => result === 'failed' || (result === 'skipped' && process.env.CI));
  return bad.length === 0 ? 0 : 1;
}

async function runLayer(name: string): Promise<Outcome> {
  const { tools, sandbox, concurrency } = layers[name] as Layer;
  console.log(`\n${name}:`);
  const obstacle = sandbox && sandboxObstacle(sandbox);
  if (obstacle) return { layer: name, result: 'skipped', seconds: 0, because: obstacle };
  try {
    if (tools.length > 0) await prepareTools(tools);
    if (sandbox === 'root') await findRunc();
  } catch (error) {
    return { layer: name, result: 'skipped', seconds: 0, because: (error as Error).message };
  }
  const root = join(import.meta.dirname, '..');
  const files = globSync(`test/${name}/**/*.test.ts`, { cwd: root }).toSorted();
  const options = [
    ...['--import', join(import.meta.dirname, 'templates-hook.ts')],
    ...['--test', `--test-concurrency=${concurrency}`, '--test-reporter=spec'],
  ];
  // A node takes fixed places of its machine, so each file that has one gets a sandbox of its own.
  const batches = sandbox === 'root' ? files.map((file) => [file]) : [files];
  return timed(name, async () => {
    const codes: number[] = [];
    for (const batch of batches) codes.push(await runNode([...options, ...batch], sandbox !== undefined));
    return codes.every((code) => code === 0) ? 'passed' : 'failed';
  });
}

async function runNode(args: string[], inSandbox: boolean): Promise<number> {
  if (inSandbox) return runInSandbox(process.execPath, args);
  const [code] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'exit');
  return code ?? 1;
}

async function timed(layer: string, work: () => Promise<Outcome['result']>): Promise<Outcome> {
  const started = performance.now();
  const result = await work();
  return { layer, result, seconds: (performance.now() - started) / 1000 };
}
