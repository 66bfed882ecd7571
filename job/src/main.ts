import { readFile } from 'node:fs/promises';
import type { Cluster } from './cluster/cluster.ts';
import { ClusterError, remedy } from './cluster/cluster-error.ts';
import { type Connection, connect } from './cluster/connection.ts';
import { createKubernetesCluster } from './cluster/kubernetes.ts';
import { type GlobalOptions, runCommandLine } from './command-line.ts';
import type { Release } from './config/config.ts';
import { type ConfigurationSource, configurationReader, UnusableConfigError } from './config/configuration-source.ts';
import { readEnvironment } from './config/environment.ts';
import { createMask } from './credentials/masking.ts';
import { exitCode } from './exit-code.ts';
import type { Metrics } from './follow/metrics.ts';
import { createLog, type Log } from './log.ts';
import { orSay } from './or-say.ts';
import { createOutput, type Output } from './output.ts';
import { forgottenNames } from './plan/names-in-use.ts';
import { ProblemError } from './problem.ts';
import { realClock } from './real-clock.ts';
import type { Registries } from './registry/registry-login.ts';
import { type VerifyDeps, verify } from './registry/verify.ts';
import { planExitCode, printPlan } from './report/plan-report.ts';
import { decideExitCode, logForgotten, logResult } from './report/report.ts';
import { writeStatus } from './report/status.ts';
import { lookAtStatus, showStatus } from './report/status-command.ts';
import type { Ending } from './report/status-text.ts';
import { writeEvents } from './report/write-events.ts';
import { cleanup, isClean } from './run/cleanup.ts';
import { makePlan, run } from './run/engine.ts';
import type { EngineDeps } from './run/engine-deps.ts';
import type { RunResult } from './run/run-result.ts';
import { version } from './version.ts';

/** How long after the signal to stop the status may still be written: milliseconds. The chart gives pods 30 s in all. */
const lastRequests = 5000;

const output = createOutput(process.stdout, process);
const errors = createOutput(process.stderr, process);
const stop = new AbortController();
const end = new AbortController();
process.once('SIGTERM', stopRun);
process.once('SIGINT', stopRun);
process.exitCode = await main();

/** What only some runs need is imported where they need it: a run each minute mostly finds nothing to do. */
async function main(): Promise<number> {
  const mask = createMask();
  let log = createLog({ format: 'text', clock: realClock, mask, write: errors.write });
  try {
    const { configMap, logFormat } = readEnvironment(process.env);
    const formatOn = ({ isTTY }: NodeJS.WriteStream) => (logFormat === 'auto' ? (isTTY ? 'text' : 'json') : logFormat);
    const logTo = (stream: NodeJS.WriteStream, { write }: Output) =>
      createLog({ format: formatOn(stream), clock: realClock, mask, write });
    const format = formatOn(process.stdout);
    log = logTo(process.stdout, output);

    const userAgent = `pullsecret-sync/${version}`;
    const registries: Registries = {
      async tryLogin(...about) {
        const { createRegistries } = await import('./registry/registries.ts');
        return createRegistries({ userAgent, mask }).tryLogin(...about);
      },
    };
    const withEngine = async (
      options: GlobalOptions,
      command: (deps: EngineDeps, clusterUntil: (signal: AbortSignal) => Cluster) => Promise<number>,
      requestSignal = stop.signal,
      onAnswer?: Metrics['countAnswer'],
    ) => {
      const source = configurationSource(options, configMap);
      const { signal } = stop;
      const connection = await connect({ ...options, userAgent, ...(onAnswer ? { onAnswer } : {}) });
      const clusterUntil = (until: AbortSignal) => createKubernetesCluster(connection.client(until), until);
      try {
        const cluster = clusterUntil(requestSignal);
        const readConfig = configurationReader(source, cluster);
        const deps = {
          cluster,
          registries,
          clock: realClock,
          random: Math.random,
          readConfig,
          readFile: readFileIfThere,
        };
        return await command({ ...deps, log, mask, signal }, clusterUntil);
      } finally {
        await connection.close();
      }
    };

    // Connects when something in the cluster is to be read, so that files alone need none.
    const withSources = async (options: GlobalOptions, command: (deps: VerifyDeps) => Promise<number>) => {
      const source = configurationSource(options, configMap);
      const { signal } = stop;
      await using open = new AsyncDisposableStack();
      let connection: Promise<Connection> | undefined;
      const api = async () => {
        connection ??= connect({ ...options, userAgent }).then((made) => {
          open.defer(() => made.close());
          return made;
        });
        return createKubernetesCluster((await connection).client(signal), signal);
      };
      const cluster: VerifyDeps['cluster'] & Pick<Cluster, 'readConfigMap'> = {
        readSecret: async (...about) => (await api()).readSecret(...about),
        readConfigMap: async (...about) => (await api()).readConfigMap(...about),
      };
      const readConfig = configurationReader(source, cluster);
      const deps = { cluster, registries, clock: realClock, readConfig, readFile: readFileIfThere, log, mask, signal };
      return await command(deps);
    };

    return await runCommandLine(process.argv.slice(2), version, {
      async sync(options) {
        if (options.follow) {
          const [{ followCommand }, { createMetrics }] = await Promise.all([
            import('./follow/follow-command.ts'),
            import('./follow/metrics.ts'),
          ]);
          const metrics = createMetrics(realClock);
          const configuration = configurationSource(options, configMap);
          const follow = (deps: EngineDeps) => followCommand(deps, { ...options, configuration, metrics });
          return withEngine(options, follow, stop.signal, metrics.countAnswer);
        }
        // Its status is written after the signal too, with requests that outlive it.
        return withEngine(options, (deps, clusterUntil) => sync(deps, clusterUntil(end.signal), options));
      },
      // Its requests outlive the signal, so that it can let the schedule go on.
      cleanup: (options) => withEngine(options, cleanUp, new AbortController().signal),
      status: (options) => withEngine(options, (deps) => printStatus(deps, format, options)),
      verify: (options) => withSources(options, (deps) => verify(deps, options)),
      plan: (options) => withEngine(options, (deps) => showPlan(deps, format, options)),
      async import(options) {
        // The values go to the standard output, so what there is to say does not.
        log = logTo(process.stderr, errors);
        const { signal } = stop;
        await using open = new AsyncDisposableStack();
        const connection = await connect({ ...options, userAgent });
        open.defer(() => connection.close());
        const [{ createImportCluster }, { importCommand }] = await Promise.all([
          import('./cluster/kubernetes-import.ts'),
          import('./import/import-command.ts'),
        ]);
        const cluster = createImportCluster(connection.client(signal), signal);
        const { write } = output;
        return await importCommand({ cluster, clock: realClock, log, mask, version, write }, options);
      },
    });
  } catch (error) {
    return fail(error, log);
  }
}

function stopRun(): void {
  stop.abort();
  setTimeout(() => end.abort(), lastRequests).unref();
}

async function sync(deps: EngineDeps, statusCluster: Cluster, options: { toleratePartial: boolean }): Promise<number> {
  const started = deps.clock.now();
  const writeEnding = async (release: Release, code: number, outcome: Ending['outcome']) => {
    const ending = { started, finished: deps.clock.now(), exitCode: code, outcome };
    return orSay(writeStatus(statusCluster, release, { ending, mask: deps.mask }), deps.log);
  };
  let result: RunResult;
  try {
    result = await run(deps);
  } catch (error) {
    if (error instanceof UnusableConfigError) await writeEnding(error.release, error.exitCode, error.problem);
    throw error;
  }
  const code = decideExitCode(result, options);
  logResult(result, code, deps.log);
  // The cleanup removes the status, and nobody would remove a later one.
  if (result.standsStill) return code;
  const { config } = result;
  const names = await writeEnding(config.release, code, result);
  await writeEvents(result, deps);
  if (names) logForgotten(forgottenNames(config, names), config.release, deps.log);
  else if (code === exitCode.ok && !options.toleratePartial) return exitCode.incomplete;
  return code;
}

async function cleanUp(deps: EngineDeps): Promise<number> {
  const result = await cleanup(deps);
  for (const { namespace, failure } of result.failures) {
    if (failure) deps.log.error(failure.message, { namespace, fix: remedy(failure) });
  }
  logForgotten(result.forgotten, result.release, deps.log);
  const done = isClean(result);
  if (done) deps.log.info('cleanup finished: nothing of this release is left');
  else
    deps.log.error('cleanup finished, and something is left; the schedule goes on', { placements: result.left.length });
  return done ? exitCode.ok : exitCode.incomplete;
}

async function showPlan(deps: EngineDeps, format: 'json' | 'text', options: { exitCode: boolean }): Promise<number> {
  const result = await makePlan(deps);
  printPlan(result, { format, log: deps.log, write: (text) => output.write(deps.mask.apply(text)) });
  return planExitCode(result, options);
}

async function printStatus(
  deps: EngineDeps,
  format: 'json' | 'text',
  { exitCode: drift }: { exitCode: boolean },
): Promise<number> {
  const write = (text: string) => output.write(deps.mask.apply(text));
  return showStatus(await lookAtStatus(deps), { format, log: deps.log, write, exitCode: drift });
}

function configurationSource({ config }: GlobalOptions, configMap: string | undefined): ConfigurationSource {
  if (config !== undefined) return { file: config };
  if (configMap !== undefined) return { configMap };
  throw new ProblemError(
    {
      message: 'there is no configuration',
      fix: 'name a file with --config, or a ConfigMap with PULLSECRET_SYNC_CONFIG_MAP',
    },
    exitCode.usage,
  );
}

async function readFileIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ProblemError(
      { message: `file ${path} cannot be read`, fix: 'check its permissions and that it is a file' },
      exitCode.incomplete,
      { cause: error },
    );
  }
}

function fail(error: unknown, log: Log): number {
  if (error instanceof AggregateError) return Math.max(...error.errors.map((one) => fail(one, log)));
  if (error instanceof ProblemError) {
    log.error(error.problem.message, { fix: error.problem.fix });
    return error.exitCode;
  }
  if (error instanceof ClusterError) {
    log.error(error.message, { fix: remedy(error) });
    return exitCode.incomplete;
  }
  if (stop.signal.aborted) {
    log.error('the run was told to stop', { fix: 'run it again; the next run goes on where this one stopped' });
    return exitCode.incomplete;
  }
  // An error that nobody foresaw: its message and stack may quote data, so only its name and place are shown.
  const place = error instanceof Error ? /^\s+at (.*)$/m.exec(error.stack ?? '')?.[1] : undefined;
  log.error('pullsecret-sync failed unexpectedly', {
    error: error instanceof Error ? error.name : typeof error,
    place,
    fix: 'this is a fault of the program: please report it',
  });
  return exitCode.incomplete;
}
