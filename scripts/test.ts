import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { join } from 'node:path';
import { byLength } from '../test/support/test-length.ts';
import { buildBundle } from './build.ts';
import { CannotRunHere } from './cannot-run-here.ts';
import { sharedVariable } from './cluster/job-image.ts';
import { runInSandbox, sandboxObstacle } from './cluster/sandbox.ts';
import { type GoModuleName, goModule } from './go-module.ts';
import { lint } from './lint.ts';
import { exitCodeOf, formatOutcomes, type Outcome, outcomeOf } from './outcome.ts';
import { sayingSearched } from './searched.ts';
import { type SystemProgram, systemProgram } from './system-program.ts';
import { toldToStop } from './told-to-stop.ts';
import { type FamilyName, prepareTools } from './tools.ts';

interface Layer {
  /** What runs in place of its test files: a script of this folder, and its arguments. */
  script?: readonly [name: string, ...args: string[]];
  /** Programs that it needs, by family. */
  tools: FamilyName[];
  /** Go modules of which it needs files; a sandbox has no network to get them. */
  modules?: GoModuleName[];
  /** Programs of the system that it needs; a sandbox could not install them. */
  programs?: SystemProgram[];
  /** Whether it runs a cluster, and as whom. */
  sandbox?: 'user' | 'root';
  /** Test files at the same time. Each file has a cluster of its own; much of its time it waits. */
  concurrency: number;
}

const root = join(import.meta.dirname, '..');
const controlPlane: FamilyName[] = ['kubernetes', 'etcd'];
const node: FamilyName[] = ['containerd', 'cni', 'registry', 'crane', 'buildkit', 'pause'];
const layers: Record<string, Layer> = {
  unit: { tools: [], concurrency: 2 },
  mutation: { tools: [], script: ['mutation.ts', ...byLength({ short: ['--sample'], long: [] })], concurrency: 2 },
  simulation: { tools: [], concurrency: 1 },
  page: { tools: [], programs: ['chromium'], concurrency: 1 },
  chart: {
    tools: [...controlPlane, 'helm', 'helm3', 'promtool', 'helm-docs', 'kube-score'],
    sandbox: 'user',
    concurrency: 2,
  },
  cluster: {
    tools: [...controlPlane, 'registry', 'helm', 'helm3', 'helmfile', 'sops', 'age', 'sealed-secrets', 'promtool'],
    modules: ['external-secrets', 'sealed-secrets'],
    sandbox: 'user',
    concurrency: 3,
  },
  e2e: {
    tools: [...controlPlane, ...node, 'helm', 'helm3', 'helmfile', 'promtool'],
    programs: ['runc', 'rsync', 'faketime', 'zsh', 'fish', 'jq'],
    sandbox: 'root',
    concurrency: 3,
  },
};

process.exitCode = await main(process.argv.slice(2));

/** Runs the named layers, or lint and all of them. */
async function main(names: string[]): Promise<number> {
  const unknown = names.filter((name) => !Object.hasOwn(layers, name));
  if (unknown.length > 0) {
    console.error(`There is no layer ${unknown.join(', ')}: choose of ${Object.keys(layers).join(', ')}.`);
    return 64;
  }
  // Each test file is a process of its own, and most of what it imports another one has imported before.
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'compiled');
  const outcomes: Outcome[] = [];
  if (names.length === 0) outcomes.push(await outcomeOf('lint', async () => lint() === 0));
  await buildBundle();
  for (const name of names.length > 0 ? names : Object.keys(layers)) {
    if (toldToStop.aborted) break;
    console.log(`\n${name}:`);
    outcomes.push(await outcomeOf(name, () => sayingSearched(() => runLayer(name))));
  }
  console.log(`\n${formatOutcomes(outcomes)}`);
  return toldToStop.aborted ? 130 : exitCodeOf(outcomes, process.env);
}

async function runLayer(name: string): Promise<boolean> {
  const { script, tools, modules = [], programs = [], sandbox, concurrency } = layers[name] as Layer;
  const obstacle = sandbox && sandboxObstacle(sandbox);
  if (obstacle) throw new CannotRunHere(obstacle);
  if (tools.length > 0) await prepareTools(tools);
  await Promise.all(modules.map(goModule));
  for (const program of programs) await systemProgram(program);

  const templates = ['--import', join(import.meta.dirname, 'templates-hook.ts')];
  if (script) {
    const [file, ...args] = script;
    return (await runNode([...templates, join(import.meta.dirname, file), ...args], false)) === 0;
  }
  const files = globSync(`test/${name}/**/*.test.ts`, { cwd: root }).toSorted();
  const options = [...templates, '--test', `--test-concurrency=${concurrency}`, '--test-reporter=spec'];
  if (sandbox === 'root') return runEach(files, concurrency, options);
  return (await runNode([...options, ...files], sandbox !== undefined)) === 0;
}

/** A node takes fixed places of its machine, so each file that has one gets a sandbox of its own. */
async function runEach(files: readonly string[], concurrency: number, options: readonly string[]): Promise<boolean> {
  const waiting = [...files];
  // Not in TMPDIR, of which each sandbox has one of its own.
  await using shared = await mkdtempDisposable('/tmp/pullsecret-sync-shared-');
  process.env[sharedVariable] = shared.path;
  const codes: number[] = [];
  const runNext = async () => {
    for (let file = waiting.shift(); file !== undefined && !toldToStop.aborted; file = waiting.shift()) {
      const output: Buffer[] = [];
      codes.push(await runInSandbox(process.execPath, [...options, file], (chunk) => output.push(chunk)));
      // All at once: that of two files at the same time would be mixed.
      process.stdout.write(`\n${file}:\n${Buffer.concat(output)}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, runNext));
  return codes.every((code) => code === 0);
}

async function runNode(args: string[], inSandbox: boolean): Promise<number> {
  if (inSandbox) return runInSandbox(process.execPath, args);
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  toldToStop.addEventListener('abort', () => child.kill());
  const [code] = await once(child, 'exit');
  return code ?? 1;
}
