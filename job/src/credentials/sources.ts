import type { Clock } from '../clock.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { ClusterError, problemOf } from '../cluster/cluster-error.ts';
import type { Config, Source, Target } from '../config/config.ts';
import { type Problem, ProblemError } from '../problem.ts';
import {
  type DockerConfig,
  dockerConfigKeys,
  formatDockerConfig,
  mergeDockerConfigs,
  parseDockerConfig,
} from './docker-config.ts';
import { firstProblems, firstWarnings } from './first-few.ts';
import { checkExpiry } from './login-expiry.ts';

/** The most that a Secret's data may have, in bytes. Source: k8s.io/api/core/v1, MaxSecretSize. */
const largestSecret = 1_048_576;
/** How often a source that is not there yet is looked for again: milliseconds. */
const pollInterval = 2000;

export interface SourceReader {
  cluster: Pick<Cluster, 'readSecret'>;
  clock: Clock;
  /** A file's content; `undefined` where there is no such file. */
  readFile(path: string): Promise<Buffer | undefined>;
  signal: AbortSignal;
}

/** A target with what its sources gave. */
export interface LoadedTarget {
  target: Target;
  /** The canonical docker config in base64, as a copy holds it; `undefined` where there are problems. */
  content: string | undefined;
  /** The logins in it, by registry. */
  logins: DockerConfig;
  /** What must appear nowhere: the passwords, and the forms in which a docker config holds them. */
  confidential: Array<Buffer | string>;
  /** Tells one state of the sources from another. Compared in memory only: a file's is its content. */
  version: string;
  /** The sources in words, with the version of a Secret (UID and resourceVersion). Of a file only the name is told. */
  sources: Array<{ source: string; version?: string }>;
  warnings: string[];
  problems: Problem[];
  /** A source does not exist, or not yet. */
  missing: boolean;
  /** A later run may find the sources in order with nobody changing them: one was missing or could not be read. */
  mayRecover: boolean;
}

/**
 * Reads, checks and merges the sources of every target, the targets side by side, and waits for nothing. What is wrong
 * in one target is in its `problems` and does not touch the others.
 */
export function loadTargets(config: Config, reader: SourceReader): Promise<LoadedTarget[]> {
  return Promise.all(config.targets.map((target) => loadTarget(target, config, reader)));
}

/**
 * Waits for sources that are not there yet: operators such as External Secrets create them late.
 *
 * @returns the targets as soon as one of them misses nothing any more; `undefined` where that does not happen in time
 */
export async function awaitSources(
  config: Config,
  targets: readonly LoadedTarget[],
  deadline: number,
  reader: SourceReader,
): Promise<LoadedTarget[] | undefined> {
  while (targets.some(({ missing }) => missing) && reader.clock.now().getTime() + pollInterval <= deadline) {
    await reader.clock.sleep(pollInterval, reader.signal);
    const now = await Promise.all(
      targets.map((loaded) => (loaded.missing ? loadTarget(loaded.target, config, reader) : loaded)),
    );
    if (now.some(({ missing }, index) => !missing && targets[index]?.missing)) return now;
  }
  return undefined;
}

/** The target as it is while nothing of it may be written: its namespaces stay its own. */
export function withoutContent(loaded: LoadedTarget): LoadedTarget {
  return { ...loaded, content: undefined };
}

async function loadTarget(target: Target, config: Config, reader: SourceReader): Promise<LoadedTarget> {
  const read = await Promise.all(target.sources.map((source) => readSource(source, config, reader)));
  const merged = mergeDockerConfigs(read.map((source) => source.config));
  const expiry = checkExpiry(merged.config, target.expires, reader.clock.now());
  const text = formatDockerConfig(merged.config);
  const problems = [
    ...read.flatMap((source) => source.problems),
    ...firstProblems(expiry.problems, `target ${target.name}`),
    ...checkSize(text, target),
  ];
  const content = Buffer.from(text).toString('base64');
  return {
    target,
    content: problems.length === 0 ? content : undefined,
    logins: merged.config,
    confidential: [content, ...[...merged.config.values()].flatMap(({ auth }) => [auth, passwordOf(auth)])],
    version: JSON.stringify(read.map((source) => source.version)),
    sources: target.sources.map((source, index) => toldVersion(source, read[index]?.version)),
    warnings: [
      ...read.flatMap((source) => source.warnings),
      ...firstWarnings([...merged.warnings, ...expiry.warnings], `target ${target.name}`),
    ],
    problems,
    missing: read.some((source) => source.missing),
    mayRecover: read.some((source) => source.mayRecover),
  };
}

interface ReadSource {
  config: DockerConfig;
  version: string;
  warnings: string[];
  problems: Problem[];
  missing: boolean;
  mayRecover: boolean;
}

const sound = { missing: false, mayRecover: false };

async function readSource(source: Source, config: Config, reader: SourceReader): Promise<ReadSource> {
  const found = await ('secret' in source ? readSecret(source.secret, config, reader) : readFile(source.file, reader));
  return found ?? notThere(source, config);
}

async function readSecret(
  name: string,
  { release }: Config,
  { cluster }: SourceReader,
): Promise<ReadSource | undefined> {
  const origin = `Secret ${release.namespace}/${name}`;
  try {
    const secret = await cluster.readSecret(release.namespace, name);
    if (!secret) return undefined;
    const version = `${secret.uid}/${secret.resourceVersion}`;
    const { type } = secret;
    if (!isDockerConfigType(type)) {
      return unusable(version, {
        message: `${origin} has the type "${type}"`,
        fix: `create it anew with the type ${Object.keys(dockerConfigKeys).join(' or ')}`,
      });
    }
    const format = type === 'kubernetes.io/dockercfg' ? 'dockercfg' : 'dockerconfigjson';
    const content = Buffer.from(secret.data[dockerConfigKeys[type]] ?? '', 'base64');
    return { version, ...sound, ...parseDockerConfig(content, format, origin) };
  } catch (error) {
    if (!(error instanceof ClusterError) || error.kind === 'interrupted') throw error;
    return { ...unusable('unreadable', problemOf(error)), mayRecover: true };
  }
}

async function readFile(path: string, reader: SourceReader): Promise<ReadSource | undefined> {
  try {
    const content = await reader.readFile(path);
    if (content === undefined) return undefined;
    return { version: content.toString('latin1'), ...sound, ...parseDockerConfig(content, 'file', `file ${path}`) };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { ...unusable('unreadable', error.problem), mayRecover: true };
  }
}

function toldVersion(source: Source, version: string | undefined): { source: string; version?: string } {
  if ('file' in source) return { source: `file ${source.file}` };
  return { source: `Secret ${source.secret}`, ...(version === undefined ? {} : { version }) };
}

function checkSize(text: string, { name }: Target): Problem[] {
  const size = Buffer.byteLength(text);
  if (size <= largestSecret) return [];
  const message = `the credentials of target ${name} have ${size} bytes together, and a Secret holds ${largestSecret} at most`;
  return [{ message, fix: 'give fewer registries to one target, or make several targets with a secretName each' }];
}

function passwordOf(auth: Buffer): Buffer {
  return auth.subarray(auth.indexOf(':') + 1);
}

function notThere(source: Source, { release, sourceTimeout }: Config): ReadSource {
  const origin = 'secret' in source ? `Secret ${release.namespace}/${source.secret}` : `file ${source.file}`;
  const problem = {
    message: `${origin} does not exist`,
    fix: `create it, or take it out of the sources; a run waits for it as long as "sourceTimeout" says (${sourceTimeout / 1000} s)`,
  };
  return { ...unusable('missing', problem), missing: true, mayRecover: true };
}

function unusable(version: string, problem: Problem): ReadSource {
  return { config: new Map(), version, warnings: [], problems: [problem], ...sound };
}

function isDockerConfigType(type: string): type is keyof typeof dockerConfigKeys {
  return Object.hasOwn(dockerConfigKeys, type);
}
