import { readFile } from 'node:fs/promises';
import type { Cluster } from '../cluster/cluster.ts';
import { exitCode } from '../exit-code.ts';
import { marks } from '../plan/marks.ts';
import { ProblemError } from '../problem.ts';
import { type Config, parseConfig, type Release, releaseIn } from './config.ts';

/** The key of the ConfigMap that holds the job's YAML. */
export const configKey = 'config.yaml';
const cannot = 'the configuration cannot be read';

/** Where the configuration comes from: a file, or a ConfigMap as `<namespace>/<name>`. */
export type ConfigurationSource = { file: string } | { configMap: string };

/**
 * Where a command is told to read it.
 *
 * @param inEnvironment the ConfigMap that the environment names; an option of the command line counts first
 * @throws {ProblemError} exit code 64: nowhere
 */
export function configurationSource(
  { config, configMap }: { config?: string | undefined; configMap?: string | undefined },
  inEnvironment: string | undefined,
): ConfigurationSource {
  if (config !== undefined) return { file: config };
  const named = configMap ?? inEnvironment;
  if (named !== undefined) return { configMap: named };
  throw new ProblemError(
    {
      message: 'there is no configuration',
      fix: 'name the ConfigMap of the release with --config-map <namespace>/<name>, or a file with --config',
    },
    exitCode.usage,
  );
}

/** A ConfigMap holds what cannot be used, and names its release all the same. */
export class UnusableConfigError extends ProblemError {
  override name = 'UnusableConfigError';
  readonly release: Release;

  constructor({ problem, exitCode }: ProblemError, release: Release) {
    super(problem, exitCode);
    this.release = release;
  }
}

/**
 * A function that reads the configuration as it is now. In a cluster it goes through the API, since a mounted
 * ConfigMap lags by a minute and more.
 *
 * @throws {ProblemError} exit code 78: it is missing or not valid
 */
export function configurationReader(
  source: ConfigurationSource,
  cluster: Pick<Cluster, 'readConfigMap'>,
): () => Promise<Config> {
  if ('file' in source) {
    return async () => parseConfig(await readText(source.file), source.file);
  }
  const [namespace = '', name = ''] = source.configMap.split('/');
  return async () => {
    const configMap = await cluster.readConfigMap(namespace, name);
    const text = configMap?.data[configKey];
    if (text === undefined) {
      const all = 'kubectl get configmaps --all-namespaces -l app.kubernetes.io/name=pullsecret-sync';
      throw unreadable(
        `${cannot}: there is no ConfigMap ${namespace}/${name} with the key ${configKey}`,
        `install the chart, which makes it, or look which there are: ${all}`,
      );
    }
    const standStillUntil = configMap?.annotations[marks.standStillUntil];
    const config = parseReleased(text, namespace, name);
    return standStillUntil === undefined ? config : { ...config, standStillUntil };
  };
}

function parseReleased(text: string, namespace: string, name: string): Config {
  try {
    return parseConfig(text, `ConfigMap ${namespace}/${name}`);
  } catch (error) {
    const release = releaseIn(text);
    throw error instanceof ProblemError && release?.namespace === namespace
      ? new UnusableConfigError(error, release)
      : error;
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') {
      const release = 'that of a release is read with --config-map <namespace>/<name>';
      throw unreadable(`${cannot}: there is no file ${file}`, `check the path; ${release}`);
    }
    throw unreadable(
      `${cannot}: ${file} ${code === 'EISDIR' ? 'is a folder' : `answers ${code}`}`,
      code === 'EISDIR' ? 'name the file in it with --config' : 'check that it is a file and who may read it',
    );
  }
}

function unreadable(message: string, fix: string): ProblemError {
  return new ProblemError({ message, fix }, exitCode.config);
}
