import type { Config, Source, Target } from '../config/config.ts';
import type { Problem } from '../problem.ts';
import { type DockerConfig, formatDockerConfig, mergeDockerConfigs } from './docker-config.ts';
import { firstProblems, firstWarnings } from './first-few.ts';
import { checkExpiry } from './login-expiry.ts';
import { originOf, readSource, type SourceReader } from './read-source.ts';

/** The most that a Secret's data may have, in bytes. Source: k8s.io/api/core/v1, MaxSecretSize. */
const largestSecret = 1_048_576;
/** How often a source that is not there yet is looked for again: milliseconds. */
const pollInterval = 2000;

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
 * @param deadline as the clock's `elapsed` tells it
 * @returns the targets as soon as one of them misses nothing any more; `undefined` where that does not happen in time
 */
export async function awaitSources(
  config: Config,
  targets: readonly LoadedTarget[],
  deadline: number,
  reader: SourceReader,
): Promise<LoadedTarget[] | undefined> {
  while (targets.some(({ missing }) => missing) && reader.clock.elapsed() + pollInterval <= deadline) {
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
    ...checkSize(text, target, config),
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

function toldVersion(source: Source, version: string | undefined): { source: string; version?: string } {
  if ('file' in source) return { source: `file ${source.file}` };
  return { source: `Secret ${source.secret}`, ...(version === undefined ? {} : { version }) };
}

function checkSize(text: string, { name, sources }: Target, { release }: Config): Problem[] {
  const size = Buffer.byteLength(text);
  if (size <= largestSecret) return [];
  const origins = sources.map((source) => originOf(source, release)).join(', ');
  const message = `the credentials of target ${name} (${origins}) have ${size} bytes together, and a Secret holds ${largestSecret} at most`;
  return [{ message, fix: 'give fewer registries to one target, or make several targets with a secretName each' }];
}

function passwordOf(auth: Buffer): Buffer {
  return auth.subarray(auth.indexOf(':') + 1);
}
