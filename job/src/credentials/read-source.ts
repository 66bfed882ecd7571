import type { Clock } from '../clock.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { ClusterError, problemOf } from '../cluster/cluster-error.ts';
import type { Config, Release, Source } from '../config/config.ts';
import { type Problem, ProblemError } from '../problem.ts';
import { type DockerConfig, dockerConfigKeys, parseDockerConfig } from './docker-config.ts';

export interface SourceReader {
  cluster: Pick<Cluster, 'readSecret'>;
  clock: Clock;
  /** A file's content; `undefined` where there is no such file. */
  readFile(path: string): Promise<Buffer | undefined>;
  signal: AbortSignal;
}

/** What a source gave. */
export interface ReadSource {
  config: DockerConfig;
  version: string;
  warnings: string[];
  problems: Problem[];
  missing: boolean;
  mayRecover: boolean;
}

/** The most that is shown of a Secret's type, which may be any text: characters. */
const longestType = 100;

const sound = { missing: false, mayRecover: false };

/** Reads a source as it is now; what is wrong with it is in its `problems`. */
export async function readSource(source: Source, config: Config, reader: SourceReader): Promise<ReadSource> {
  const found = await ('secret' in source ? readSecret(source, config, reader) : readFile(source.file, reader));
  return found ?? notThere(source, config);
}

/** A source in words. */
export function originOf(source: Source, { namespace }: Release): string {
  return 'secret' in source ? `Secret ${namespace}/${source.secret}` : `file ${source.file}`;
}

async function readSecret(
  source: Source & { secret: string },
  { release }: Config,
  { cluster }: SourceReader,
): Promise<ReadSource | undefined> {
  const origin = originOf(source, release);
  try {
    const secret = await cluster.readSecret(release.namespace, source.secret);
    if (!secret) return undefined;
    const version = `${secret.uid}/${secret.resourceVersion}`;
    const { type } = secret;
    if (!isDockerConfigType(type)) {
      return unusable(version, {
        message: `${origin} has the type ${JSON.stringify(type.slice(0, longestType))}`,
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

function notThere(source: Source, { release, sourceTimeout }: Config): ReadSource {
  const problem = {
    message: `${originOf(source, release)} does not exist`,
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
