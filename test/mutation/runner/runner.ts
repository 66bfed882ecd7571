import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MutantCoverage, StrykerOptions } from '@stryker-mutator/api/core';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import {
  type CompleteDryRunResult,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestRunner,
  TestStatus,
} from '@stryker-mutator/api/test-runner';
import '../../../scripts/templates-hook.ts';
import { type CollectedTest, collectTests, runTest, scopesOf } from './collected.ts';

/** What the runner is told, as Stryker's option `nodeTest`. */
export interface NodeTestOptions {
  /** By the file that is changed: the test files to run, in their order. All from the root. */
  files: Record<string, string[]>;
  /** A part of the names of tests that are left out. Default: none. */
  skip?: string;
}

/** What Stryker's changed code looks at. Source: @stryker-mutator/api, INSTRUMENTER_CONSTANTS. */
interface Instrumented {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage?: MutantCoverage;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
}

/**
 * Runs `node:test` files many times in one process. A process for each mutant and test file, as in Stryker's own runner
 * for such tests, takes ten times as long.
 */
class NodeTestRunner implements TestRunner {
  static inject = tokens(commonTokens.options);

  private readonly files: Record<string, string[]>;
  private readonly skip: string | undefined;
  private tests: CollectedTest[] = [];
  private readonly state: Instrumented;

  constructor(options: StrykerOptions) {
    const { files, skip } = options.nodeTest as NodeTestOptions;
    this.files = files;
    this.skip = skip;
    const global = globalThis as { __stryker__?: Instrumented };
    global.__stryker__ ??= {};
    this.state = global.__stryker__;
    // It may be of what an earlier test left running, so no test fails by it.
    process.on('unhandledRejection', () => {});
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    for (const file of new Set(Object.values(this.files).flat())) this.tests.push(...(await this.load(file)));
  }

  async dryRun(): Promise<DryRunResult> {
    const tests: CompleteDryRunResult['tests'] = [];
    for (const one of this.tests) {
      const started = performance.now();
      this.state.currentTestId = one.id;
      const failure = await this.run([one]);
      this.state.currentTestId = undefined;
      const result = { id: one.id, name: one.id, fileName: one.file, timeSpentMs: performance.now() - started };
      if (failure) tests.push({ ...result, status: TestStatus.Failed, failureMessage: failure.message });
      else tests.push({ ...result, status: TestStatus.Success });
    }
    const { mutantCoverage = { static: {}, perTest: {} } } = this.state;
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, sandboxFileName, hitLimit, testFilter, mutantActivation } = options;
    this.state.hitCount = 0;
    this.state.hitLimit = hitLimit;
    this.state.activeMutant = activeMutant.id;
    try {
      const isStatic = mutantActivation === 'static';
      const failure = isStatic
        ? await this.runAnew(relative(process.cwd(), sandboxFileName))
        : await this.run(this.only(testFilter));
      const timeout = determineHitLimitReached(this.state.hitCount, hitLimit);
      if (timeout) return { status: MutantRunStatus.Timeout, ...(timeout.reason ? { reason: timeout.reason } : {}) };
      const nrOfTests = testFilter?.length ?? this.tests.length;
      if (!failure) return { status: MutantRunStatus.Survived, nrOfTests };
      if (!isStatic) await this.assertPassesWithout(failure.test);
      const { test, message: failureMessage } = failure;
      return { status: MutantRunStatus.Killed, killedBy: [test.id], failureMessage, nrOfTests };
    } catch (error) {
      return { status: MutantRunStatus.Error, errorMessage: String(error) };
    } finally {
      this.state.activeMutant = undefined;
    }
  }

  private only(testFilter: readonly string[] | undefined): CollectedTest[] {
    const wanted = testFilter && new Set(testFilter);
    return this.tests.filter(({ id }) => !wanted || wanted.has(id));
  }

  /** For a mutant that counts while its file is loaded. */
  private async runAnew(changed: string): Promise<{ test: CollectedTest; message: string } | undefined> {
    generation += 1;
    for (const file of this.files[changed] ?? assert.fail(`no tests are named for ${changed}`)) {
      const failure = await this.run(await this.load(file));
      if (failure) return failure;
    }
    return undefined;
  }

  /** A mutant may leave something behind that fails the tests after it, and these would kill mutants that they do not notice. */
  private async assertPassesWithout(test: CollectedTest): Promise<void> {
    this.state.activeMutant = undefined;
    const failure = await this.run([test]);
    if (failure) throw new Error(`without a mutant, ${test.id} fails too: ${failure.message}`);
  }

  /** Runs tests until one fails. */
  private async run(tests: readonly CollectedTest[]): Promise<{ test: CollectedTest; message: string } | undefined> {
    const begun = new Set<ReturnType<typeof scopesOf>[number]>();
    try {
      for (const test of tests) {
        try {
          for (const scope of scopesOf(test)) {
            if (begun.has(scope)) continue;
            begun.add(scope);
            for (const hook of scope.before) await hook();
          }
          await runTest(test);
        } catch (error) {
          return { test, message: String(error) };
        }
      }
    } finally {
      for (const scope of begun) for (const hook of scope.after) await hook();
    }
    return undefined;
  }

  /** Imports the tests of a file, and what they import of the project: in each generation as if for the first time. */
  private async load(file: string): Promise<CollectedTest[]> {
    const url = `${pathToFileURL(join(process.cwd(), file))}?generation=${generation}`;
    const tests = await collectTests(file, () => import(url));
    return tests.filter(({ id }) => this.skip === undefined || !id.includes(this.skip));
  }
}

let generation = 0;
const standIn = import.meta.resolve('./collected.ts');

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier === 'node:test') return { url: standIn, shortCircuit: true };
    const resolved = nextResolve(specifier, context);
    const parent = /\?generation=\d+$/.exec(context.parentURL ?? '')?.[0];
    const ofProject = resolved.url.startsWith(pathToFileURL(process.cwd()).href) && resolved.url.endsWith('.ts');
    return parent && ofProject ? { ...resolved, url: `${resolved.url}${parent}` } : resolved;
  },
});

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'node-test', NodeTestRunner)];
