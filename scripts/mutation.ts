import { readFileSync } from 'node:fs';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { Command } from 'commander';
import { testsReaching } from '../test/mutation/reaching-tests.ts';
import { type FileResult, type Report, resultsOf } from '../test/mutation/report.ts';
import { resultsPage } from '../test/mutation/results.ts';
import type { NodeTestOptions } from '../test/mutation/runner/runner.ts';
import { filesOf, type Part, parts, sample } from '../test/mutation/scope.ts';
import { type Explanation, faultsOf } from '../test/mutation/verdict.ts';
import { lengthVariable } from '../test/support/test-length.ts';
import { searchedVariable } from './searched.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'test', 'mutation');

const program = new Command('npm run test:mutation --')
  .description(
    'Changes the job in many small ways and tells which of them no test notices, in test/mutation/RESULTS.md.',
  )
  .argument('[files...]', 'change these only, such as job/src/plan/plan.ts; the others keep their results')
  .option('--sample', 'change a small file of each part only, and write no results down')
  .parse();

process.exitCode = program.opts().sample ? await trySample() : await main(program.args);

/** The short form: that the tests of a few files can fail still. */
async function trySample(): Promise<number> {
  const results = resultsOf(await mutate(Object.values(sample)));
  const explanations = (await readExplanations()).filter(({ file }) => Object.hasOwn(results, file));
  const spared = Object.values(sample).filter((file) => !results[file]?.killed);
  for (const [file, { killed, survivors }] of Object.entries(results)) {
    console.log(`${file}: ${killed} of ${killed + survivors.length} killed`);
  }
  return tell([...faultsOf(results, explanations), ...spared.map((file) => `${file}: no mutant of it was killed`)]);
}

async function main(only: readonly string[]): Promise<number> {
  const names = Object.keys(parts) as Part[];
  const all = names.flatMap(filesOf);
  const unknown = only.filter((file) => !all.includes(file));
  if (unknown.length > 0) {
    console.error(`${unknown.join(', ')} is not mutated: choose of ${all.join(', ')}.`);
    return 64;
  }
  const file = join(folder, 'results.json');
  const results: Record<string, FileResult> = JSON.parse(await readFile(file, 'utf8').catch(() => '{}'));
  for (const old of Object.keys(results)) if (!all.includes(old)) delete results[old];
  Object.assign(results, resultsOf(await mutate(only.length > 0 ? only : all)));
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  const explanations = await readExplanations();
  await writeFile(join(folder, 'RESULTS.md'), resultsPage(results, { explanations, versions: versions() }));
  return tell(faultsOf(results, explanations));
}

async function readExplanations(): Promise<Explanation[]> {
  return JSON.parse(await readFile(join(folder, 'explanations.json'), 'utf8'));
}

function tell(faults: readonly string[]): number {
  for (const fault of faults) console.error(fault);
  return faults.length > 0 ? 1 : 0;
}

/** Each mutant meets the tests that reach it, until one fails. */
async function mutate(files: readonly string[]): Promise<Report> {
  await using own = await mkdtempDisposable(join(tmpdir(), 'pullsecret-sync-mutation-'));
  const fileName = join(own.path, 'report.json');
  // The tests inherit it: a hundred chances of each property, where the unit layer takes a thousand.
  process.env.HOSTILE_RUNS = '100';
  delete process.env[lengthVariable];
  // What mutants print is no output of this project's tests.
  delete process.env[searchedVariable];
  const tests = testsReaching();
  const nodeTest: NodeTestOptions = {
    files: Object.fromEntries(files.map((file) => [file, tests(file)])),
    // It is about what import tells, and takes longer than all others together.
    skip: 'an import of hostile Secrets',
  };
  await new Stryker({
    mutate: [...files],
    testRunner: 'node-test',
    plugins: [join(folder, 'runner', 'runner.ts')],
    ...{ nodeTest },
    warnings: false,
    concurrency: 2,
    // Beside what the tests take without a mutant. What runs out of time counts as killed, so a busy machine may not do it.
    timeoutMS: 20_000,
    reporters: ['progress-append-only', 'json'],
    jsonReporter: { fileName },
    // Stryker would rewrite the latter with the TypeScript compiler's old API; Node needs none.
    ignorePatterns: ['/dist', '/tsconfig.json'],
    tempDirName: join(own.path, 'sandbox'),
    allowConsoleColors: false,
  }).runMutationTest();
  return JSON.parse(await readFile(fileName, 'utf8'));
}

function versions(): string {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return `Node ${process.versions.node}, Stryker ${devDependencies['@stryker-mutator/core']}`;
}
