import { isRecord } from '../json.ts';
import type { Problem } from '../problem.ts';
import { type DocumentFault, readDocument } from './docker-config-document.ts';
import { firstProblems, firstWarnings } from './first-few.ts';
import { type Login, readLogin, sameLogin } from './login.ts';
import { normaliseHost } from './registry-host.ts';

/** Logins by normalised registry host. */
export type DockerConfig = ReadonlyMap<string, SourcedLogin>;

export interface SourcedLogin extends Login {
  /** The source in words, for messages. */
  origin: string;
}

/** How a source holds its docker config: the two Secret types, or a file as `docker login` writes it. */
export type DockerConfigFormat = 'dockerconfigjson' | 'dockercfg' | 'file';

export interface ParsedDockerConfig {
  config: DockerConfig;
  warnings: string[];
  /** Not empty: the source must not be used. */
  problems: Problem[];
}

/** Data keys of the two Secret types. Source: k8s.io/api/core/v1, DockerConfigKey and DockerConfigJsonKey. */
export const dockerConfigKeys = {
  'kubernetes.io/dockerconfigjson': '.dockerconfigjson',
  'kubernetes.io/dockercfg': '.dockercfg',
} as const;

/** The type of every copy. */
export const copyType = 'kubernetes.io/dockerconfigjson';

/**
 * Reads a docker config. Messages name the source and the host, never a value; not even the text of a syntax error,
 * which would quote the input.
 *
 * @param content the config as it is stored, or its text
 * @param origin the source in words, e.g. `Secret registry-access/pullsecret-sync-source`
 */
export function parseDockerConfig(
  content: Uint8Array | string,
  format: DockerConfigFormat,
  origin: string,
): ParsedDockerConfig {
  const document = readDocument(content, format);
  if ('is' in document) return unusable(document, origin);

  const warnings: string[] = [];
  const config = new Map<string, SourcedLogin>();
  const problems: Problem[] = [];
  for (const [index, [key, entry]] of Object.entries(document.auths).entries()) {
    const host = normaliseHost(key);
    if (host === 'leftover') continue;
    if (host === undefined) {
      problems.push({
        message: `${origin}: the key of entry ${index + 1} is not the name of a registry`,
        fix: 'use a host such as "registry.example.com", with no user, password or query in it',
      });
      continue;
    }
    const where = `${origin}: the entry for ${host}`;
    const field = isRecord(entry) ? document.repeated.fields.get(key) : undefined;
    if (field !== undefined) {
      problems.push({ message: `${where} has "${field}" twice`, fix: 'leave one of them' });
      continue;
    }
    const login = readLogin(entry, where, warnings);
    if ('message' in login) {
      problems.push(login);
      continue;
    }
    const earlier = config.get(host);
    if (document.repeated.hosts.has(key) || (earlier && !sameLogin(earlier, login))) {
      warnings.push(`${origin} names ${host} twice: the later entry counts`);
    }
    config.set(host, { ...login, origin });
  }
  if (config.size === 0 && problems.length === 0) return unusable(document.ifEmpty, origin);
  return { config, warnings: firstWarnings(warnings, origin), problems: firstProblems(problems, origin) };
}

function unusable({ is, fix }: DocumentFault, origin: string): ParsedDockerConfig {
  return { config: new Map(), warnings: [], problems: [{ message: `${origin} ${is}`, fix }] };
}

/** Merges the sources of a target. Where two have the same host the later one counts, and a warning names both and the host. */
export function mergeDockerConfigs(configs: readonly DockerConfig[]): { config: DockerConfig; warnings: string[] } {
  const merged = new Map<string, SourcedLogin>();
  const warnings: string[] = [];
  for (const config of configs) {
    for (const [host, login] of config) {
      const earlier = merged.get(host);
      if (earlier && !sameLogin(earlier, login)) {
        warnings.push(`${earlier.origin} and ${login.origin} differ in the login for ${host}: the latter counts`);
      }
      merged.set(host, login);
    }
  }
  return { config: merged, warnings };
}

/**
 * The canonical text: hosts sorted, `auth` only (every reader of docker configs knows it, and it carries any byte),
 * so that equal credentials are equal texts.
 */
export function formatDockerConfig(config: DockerConfig): string {
  const entries = [...config]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([host, { auth, email }]) => [host, { auth: auth.toString('base64'), ...(email ? { email } : {}) }]);
  return JSON.stringify({ auths: Object.fromEntries(entries) });
}

/** The canonical text of several canonical texts. Where two have the same host the earlier one counts. */
export function joinDockerConfigs(texts: readonly string[]): string {
  const configs = texts.map((text) => parseDockerConfig(text, 'dockerconfigjson', 'a target').config);
  return formatDockerConfig(mergeDockerConfigs(configs.toReversed()).config);
}
