import type { ChainOptions } from './chain/chain-command.ts';
import { type GlobalOptions, type ReportingOptions, runCommandLine, type StatusOptions } from './command-line.ts';
import { completeCommand, completionCommand } from './completion/completion-commands.ts';
import { configurationSource } from './config/configuration-source.ts';
import { readEnvironment } from './config/environment.ts';
import { type Surroundings, withApi, withEngine, withSources } from './connecting.ts';
import { createMask } from './credentials/masking.ts';
import { exitCode } from './exit-code.ts';
import { sayFailure } from './failure.ts';
import { createLog } from './log.ts';
import { createOutput, type Output } from './output.ts';
import { realClock } from './real-clock.ts';
import { verify } from './registry/verify.ts';
import type { ReportOptions } from './report/report-commands.ts';
import { cleanupCommand } from './run/cleanup-command.ts';
import { syncCommand } from './run/sync-command.ts';
import { openProgress, terminalOf } from './terminal/open.ts';
import type { Terminal } from './terminal/terminal.ts';
import { plainStyle } from './terminal/text-style.ts';
import { version } from './version.ts';

/** How long after the signal to stop the status may still be written: milliseconds. The chart gives pods 30 s in all. */
const lastRequests = 5000;

const { stdout, stderr } = process;
const footer = { line: '' };
const output = createOutput(stdout, process, footer);
const errors = createOutput(stderr, process, stdout.isTTY && stderr.isTTY ? footer : undefined);
const stop = new AbortController();
const end = new AbortController();
process.once('SIGTERM', stopRun);
process.once('SIGINT', stopRun);
process.exitCode = await afterOutput(await main());

/** What only some runs need is imported where they need it: a run each minute mostly finds nothing to do. */
async function main(): Promise<number> {
  const mask = createMask();
  const [terminal, errorTerminal] = await Promise.all([stdout, stderr].map(terminalOf));
  const logOn = (format: 'text' | 'json', { write }: Output, { logLine }: Partial<Terminal> = {}) =>
    createLog({ format, clock: realClock, mask, logLine, write });
  let log = logOn('text', errors, errorTerminal);
  // An error that nobody catches would be shown by Node, with all that it holds.
  process.on('uncaughtException', (error) => process.exit(sayFailure(error, log, stop.signal.aborted)));
  try {
    const { configMap, logFormat, problem } = readEnvironment(process.env);
    const formatOn = ({ isTTY }: NodeJS.WriteStream) => (logFormat === 'auto' ? (isTTY ? 'text' : 'json') : logFormat);
    const format = formatOn(stdout);
    log = logOn(format, output, terminal);

    const { signal } = stop;
    const userAgent = `pullsecret-sync/${version}`;
    const surroundings = (options: GlobalOptions): Surroundings => {
      if (problem) throw problem;
      const source = configurationSource(options, configMap);
      return { source, connection: { ...options, userAgent }, log, mask, signal };
    };

    const withWatchedEngine: typeof withEngine = async (around, ...rest) => {
      using progress = logFormat === 'json' ? undefined : await openProgress({ stdout: output, stderr: errors });
      return await withEngine({ ...around, progress }, ...rest);
    };

    /** How a report is shown, which then has the standard output for itself. */
    const shownAs = (asked: ReportingOptions['output']): Pick<ReportOptions, 'format' | 'style' | 'write'> => {
      if (asked) log = logOn(formatOn(stderr), errors, errorTerminal);
      const shown = asked ?? (format === 'text' ? 'text' : 'events');
      // It is masked before it becomes a text, which the mask could break.
      const fit = shown === 'text' && terminal ? terminal.fit : (text: string) => text;
      return { format: shown, style: terminal ?? plainStyle, write: (text) => output.write(fit(text)) };
    };
    const reporting = async (command: 'planCommand' | 'statusCommand', options: ReportingOptions) => {
      const { [command]: report } = await import('./report/report-commands.ts');
      const shown = { ...options, ...shownAs(options.output) };
      return withWatchedEngine(surroundings(options), (deps) => report(deps, shown));
    };
    const chain = async (asked: ChainOptions['asked'], options: StatusOptions) => {
      const [{ createChainCluster }, { chainCommand }] = await Promise.all([
        import('./cluster/kubernetes-chain.ts'),
        import('./chain/chain-command.ts'),
      ]);
      const shown = { ...options, asked, ...shownAs(options.output) };
      return withWatchedEngine(surroundings(options), (deps, _, client) =>
        chainCommand({ ...deps, cluster: createChainCluster(client(signal), signal) }, shown),
      );
    };

    const told = { version, terminal: errorTerminal };
    return await runCommandLine(process.argv.slice(2), told, {
      async sync(options) {
        const around = surroundings(options);
        // Its status is written after the signal too, with requests that outlive it.
        if (!options.follow)
          return withWatchedEngine(around, (deps, clusterUntil) =>
            syncCommand(deps, clusterUntil(end.signal), options),
          );
        const [{ followCommand }, { createMetrics }] = await Promise.all([
          import('./follow/follow-command.ts'),
          import('./follow/metrics.ts'),
        ]);
        const metrics = createMetrics(realClock);
        const connection = { ...around.connection, onAnswer: metrics.countAnswer };
        const { source: configuration } = around;
        return withEngine({ ...around, connection }, (deps) =>
          followCommand(deps, { ...options, configuration, metrics }),
        );
      },
      // Its requests outlive the signal, so that it can let the schedule go on.
      cleanup: (options) => withWatchedEngine(surroundings(options), cleanupCommand, new AbortController().signal),
      status(options) {
        const { pod, namespace } = options;
        if (pod) return chain({ namespace: pod.namespace, pod: pod.name }, options);
        return namespace === undefined ? reporting('statusCommand', options) : chain({ namespace }, options);
      },
      verify: (options) => withSources(surroundings(options), (deps) => verify(deps, options)),
      plan: (options) => reporting('planCommand', options),
      async import(options) {
        if (problem) throw problem;
        // The values go to the standard output, so what there is to say does not.
        log = logOn(formatOn(stderr), errors, errorTerminal);
        const [{ createImportCluster }, { importCommand }] = await Promise.all([
          import('./cluster/kubernetes-import.ts'),
          import('./import/import-command.ts'),
        ]);
        return withApi({ ...options, userAgent }, (client) => {
          const cluster = createImportCluster(client(signal), signal);
          const deps = { cluster, clock: realClock, log, mask, version, write: output.write };
          return importCommand(deps, options);
        });
      },
      completion: (shell) => completionCommand(shell, output.write),
      complete: (words, program) => completeCommand(words, program, output.write),
    });
  } catch (error) {
    return sayFailure(error, log, stop.signal.aborted);
  }
}

/**
 * A command that does nothing but tell failed where what it told is lost. The codes of `sync` and `cleanup` are about the
 * cluster, whoever reads what they say of it.
 */
async function afterOutput(code: number): Promise<number> {
  const lost = await output.end();
  if (lost === undefined) return code;
  // Whoever closes a pipe wants to hear no more.
  if (lost !== 'EPIPE') errors.write(`the standard output cannot be written (${lost})\n`);
  const acts = ['sync', 'cleanup'].includes(process.argv[2] ?? '');
  return acts || code !== exitCode.ok ? code : exitCode.incomplete;
}

function stopRun(): void {
  stop.abort();
  setTimeout(() => end.abort(), lastRequests).unref();
}
