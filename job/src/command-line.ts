import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { helpLayout } from './command-line/help-layout.ts';
import { programHelp } from './command-line/program-help.ts';
import { suggestChoices } from './command-line/suggestions.ts';
import { type Shell, shells } from './completion/shells.ts';
import { isNamespacedName } from './config/environment.ts';
import { exitCode } from './exit-code.ts';
import { type Format, formats } from './report/format.ts';
import type { Terminal } from './terminal/terminal.ts';

export const programName = 'pullsecret-sync';

/** Options that every command has. */
export interface GlobalOptions {
  config?: string;
  /** `<namespace>/<name>`. */
  configMap?: string;
  kubeconfig?: string;
  context?: string;
}

export interface SyncOptions extends GlobalOptions {
  toleratePartial: boolean;
  /** Watch and act at once, until it is told to stop. */
  follow: boolean;
  /** Where a follower serves its metrics and its health. */
  metricsPort?: number;
}

/** Of the commands that show a cluster. */
export interface ReportingOptions extends GlobalOptions {
  exitCode: boolean;
  /** Default: what fits the standard output. */
  output?: Format;
}

export interface StatusOptions extends ReportingOptions {
  /** Why pods of this namespace cannot pull. */
  namespace?: string;
  /** Why this one cannot. */
  pod?: PodName;
}

export interface PodName {
  namespace: string;
  name: string;
}

export interface VerifyOptions extends GlobalOptions {
  tolerateUnreachable: boolean;
}

export interface ImportOptions extends Omit<GlobalOptions, 'config' | 'configMap'> {
  output?: string;
  overwrite: boolean;
  secretName: string[];
}

/** The commands; each resolves to an exit code. */
export interface Commands {
  sync(options: SyncOptions): Promise<number>;
  plan(options: ReportingOptions): Promise<number>;
  status(options: StatusOptions): Promise<number>;
  verify(options: VerifyOptions): Promise<number>;
  cleanup(options: GlobalOptions): Promise<number>;
  import(options: ImportOptions): Promise<number>;
  completion(shell: Shell): Promise<number>;
  /** Tells a shell what its command line can go on with. */
  complete(words: string[], program: Command): Promise<number>;
}

/** What a command line runs in. */
export interface CommandLineOptions {
  version: string;
  /** The one that the standard error is, if it is one. */
  terminal: Terminal | undefined;
}

/** Runs the command that the arguments name and resolves to its exit code; 64 where the command line is wrong. */
export async function runCommandLine(
  args: readonly string[],
  { version, terminal }: CommandLineOptions,
  commands: Commands,
): Promise<number> {
  let code: number = exitCode.ok;
  const program = new Command(programName)
    .description('Keeps registry credentials in every namespace of a cluster.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(see: pullsecret-sync --help)')
    .configureOutput({ outputError: (text, write) => write(terminal ? errorOn(terminal, text) : text) })
    .configureHelp(helpLayout(programHelp));

  const sync = command(program, 'sync', 'create and update copies and references', [
    'pullsecret-sync sync --config config.yaml',
    'pullsecret-sync sync --config-map registry-access/pullsecret-sync --follow --metrics-port 8080',
  ])
    .option('--tolerate-partial', 'exit 0 although a namespace refuses, as long as another one is in line', false)
    .addOption(
      new Option('--follow', 'watch and act at once, until it is told to stop')
        .default(false)
        .conflicts('toleratePartial'),
    )
    .option('--metrics-port <port>', 'with --follow: serve /metrics, /healthz and /readyz', port)
    .action(async (options: SyncOptions) => {
      if (options.metricsPort !== undefined && !options.follow) sync.error('error: --metrics-port needs --follow');
      code = await commands.sync(options);
    });
  command(program, 'plan', 'show what sync would do, and change nothing', [
    'pullsecret-sync plan --config config.yaml --context staging',
    'pullsecret-sync plan --config config.yaml --exit-code || echo drift',
    'pullsecret-sync plan --config config.yaml --output junit > drift.xml',
  ])
    .option('--exit-code', 'exit 2 where something would change', false)
    .addOption(outputOption())
    .action(async (options: ReportingOptions) => {
      code = await commands.plan(options);
    });
  command(program, 'status', 'show how the cluster is, and which pods wait in vain, and change nothing', [
    'pullsecret-sync status --config-map registry-access/pullsecret-sync --context staging',
    'pullsecret-sync status --config config.yaml --output html > status.html',
    'pullsecret-sync status --config config.yaml --namespace team-a',
    'pullsecret-sync status --config config.yaml --pod team-a/app-5d9c6b7f4-x2x7q',
  ])
    .addOption(
      new Option(
        '--namespace <name>',
        'say why the pods of a namespace cannot pull: walk to each that waits for an image',
      )
        .argParser(namespaceName)
        .conflicts('pod'),
    )
    .option('--pod <namespace/name>', 'say why a pod cannot pull: walk from the release to it', podName)
    .option('--exit-code', 'exit 2 where something would change, or a link is broken', false)
    .addOption(outputOption())
    .action(async (options: StatusOptions) => {
      code = await commands.status(options);
    });
  command(program, 'verify', 'try every login at its registry, and change nothing', [
    'pullsecret-sync verify --config config.yaml',
  ])
    .option('--tolerate-unreachable', 'exit 0 although a registry cannot be reached', false)
    .action(async (options: VerifyOptions) => {
      code = await commands.verify(options);
    });
  command(program, 'cleanup', 'stop the release and remove all that it added, references first', [
    'pullsecret-sync cleanup --config config.yaml --context staging',
  ]).action(async (options: GlobalOptions) => {
    code = await commands.cleanup(options);
  });
  clusterCommand(
    program,
    'import',
    'write chart values that would manage the pull secrets of a cluster, and change nothing',
    [
      'pullsecret-sync import > values.yaml',
      'pullsecret-sync import --context staging --secret-name regcred --output staging.yaml',
    ],
  )
    .option('--output <file>', 'write the values to a new file (default: the standard output)')
    .option('--overwrite', 'with --output: replace the file where it is there', false)
    .option('--secret-name <name>', 'import Secrets of this name only; can be given several times', collect, [])
    .action(async (options: ImportOptions) => {
      code = await commands.import(options);
    });

  anyCommand(program, 'completion', 'write what lets a shell complete the command lines of this program', [
    'source <(pullsecret-sync completion bash)',
    'source <(pullsecret-sync completion zsh)',
    'pullsecret-sync completion fish > ~/.config/fish/completions/pullsecret-sync.fish',
  ])
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .action(async (shell: Shell) => {
      code = await commands.completion(shell);
    });
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => {
      code = await commands.complete(words, program);
    });
  suggestChoices(program);

  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  }
}

function outputOption(): Option {
  return new Option('--output <format>', 'write a report, and the log to the standard error').choices(formats);
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 65_535) throw new InvalidArgumentError('must be 1 to 65535.');
  return number;
}

function namespacedName(text: string): string {
  if (!isNamespacedName(text)) throw new InvalidArgumentError('must be <namespace>/<name>.');
  return text;
}

function namespaceName(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError('must be the name of a namespace.');
}

function podName(text: string): PodName {
  const [namespace = '', name = '', ...more] = text.split('/');
  const isName = name.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name);
  if (!isName || more.length > 0) throw new InvalidArgumentError('must be <namespace>/<name> of a pod.');
  return { namespace: namespaceName(namespace), name };
}

function collect(value: string, values: string[]): string[] {
  return [...values, value];
}

/** A command of a release, which has a configuration. */
function command(program: Command, name: string, description: string, examples: string[]): Command {
  return clusterCommand(program, name, description, examples)
    .option('--config <file>', 'file with the configuration')
    .addOption(
      new Option(
        '--config-map <namespace/name>',
        'ConfigMap with the configuration, which the chart makes (default: $PULLSECRET_SYNC_CONFIG_MAP)',
      )
        .argParser(namespacedName)
        .conflicts('config'),
    );
}

function clusterCommand(program: Command, name: string, description: string, examples: string[]): Command {
  return anyCommand(program, name, description, examples)
    .option('--kubeconfig <file>', 'kubeconfig file (default: $KUBECONFIG, ~/.kube/config, the pod itself)')
    .option('--context <context>', 'context of the kubeconfig (default: its current one)');
}

function anyCommand(program: Command, name: string, description: string, examples: string[]): Command {
  return program
    .command(name)
    .description(description)
    .showHelpAfterError(`(see: pullsecret-sync ${name} --help)`)
    .configureHelp(helpLayout({ examples }));
}

function errorOn({ paint, fit }: Terminal, text: string): string {
  return fit(text.replace(/^error:/, (word) => paint('red', word)));
}
