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
import { filesOf, type Part, parts } from '../test/mutation/scope.ts';
import { type Explanation, faultsOf } from '../test/mutation/verdict.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'test', 'mutation');

const program = new Command('npm run test:mutation --')
  .description(
    'Changes the job in many small ways and tells which of them no test notices, in test/mutation/RESULTS.md.',
  )
  .argument('[files...]', 'change these only, such as job/src/plan/plan.ts; the others keep their results')
  .parse();

process.exitCode = await main(program.args);

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
  const explanations: Explanation[] = JSON.parse(await readFile(join(folder, 'explanations.json'), 'utf8'));
  await writeFile(join(folder, 'RESULTS.md'), resultsPage(results, { explanations, versions: versions() }));
  const faults = faultsOf(results, explanations);
  for (const fault of faults) console.error(fault);
  return faults.length > 0 ? 1 : 0;
}

/** Each mutant meets the tests that reach it, until one fails. */
async function mutate(files: readonly string[]): Promise<Report> {
  await using own = await mkdtempDisposable(join(tmpdir(), 'pullsecret-sync-mutation-'));
  const fileName = join(own.path, 'report.json');
  // The tests inherit it: a hundred chances of each property, where the unit layer takes a thousand.
  process.env.HOSTILE_RUNS = '100';
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
