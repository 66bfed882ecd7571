import { isUtf8 } from 'node:buffer';
import { isRecord, parseJson } from '../json.ts';
import type { Problem } from '../problem.ts';
import { foldKey, foldKeys } from './json-fields.ts';
import { type Login, readLogin, sameLogin } from './login.ts';
import { normaliseHost } from './registry-host.ts';
import { findRepeatedKeys } from './repeated-keys.ts';

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
  const warnings: string[] = [];
  const refuse = (message: string, fix: string): ParsedDockerConfig => ({
    config: new Map(),
    warnings,
    problems: [{ message: `${origin} ${message}`, fix }],
  });

  const text = textOf(content);
  // Decoded all the same, its bytes would become other ones without a word, and with them a password.
  if (text === undefined) {
    return refuse(
      'is not UTF-8 text',
      'save it as UTF-8 (Windows PowerShell writes UTF-16 unless told otherwise); a password of other bytes goes into "auth", in base64',
    );
  }
  const parsed = parseJson(text);
  if (!isRecord(parsed)) {
    return refuse(
      'is not a JSON object',
      'give it the content of a docker config.json, e.g. {"auths":{"registry.example.com":{"auth":"…"}}}',
    );
  }
  const document = foldKeys(parsed);
  const bare = format === 'dockercfg' || (format === 'file' && looksLikeDockercfg(document));
  const repeated = findRepeatedKeys(text, bare);
  if (repeated.auths) {
    return refuse('has "auths" twice, and not every reader takes both', 'put the registries of both into one');
  }
  const auths = bare ? parsed : document.auths;
  if (!isRecord(auths) || Object.keys(auths).length === 0) return refuse(...noAuths(document));
  if (helperOf(document) && Object.values(auths).every(isEmptyEntry)) return refuse(...noAuths(document));

  const config = new Map<string, SourcedLogin>();
  const problems: Problem[] = [];
  for (const [index, [key, entry]] of Object.entries(auths).entries()) {
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
    const field = isRecord(entry) ? repeated.fields.get(key) : undefined;
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
    if (repeated.hosts.has(key) || (earlier && !sameLogin(earlier, login))) {
      warnings.push(`${origin} names ${host} twice: the later entry counts`);
    }
    config.set(host, { ...login, origin });
  }
  if (config.size === 0 && problems.length === 0) return refuse(...noAuths(document));
  return { config, warnings, problems };
}

/** `undefined` where the bytes are no UTF-8. Windows editors begin a file with a byte order mark, which goes. */
function textOf(content: Uint8Array | string): string | undefined {
  if (typeof content === 'string') return content.replace(/^\ufeff/, '');
  return isUtf8(content) ? textOf(Buffer.from(content).toString('utf8')) : undefined;
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

function noAuths(document: Record<string, unknown>): [message: string, fix: string] {
  const helper = helperOf(document);
  if (helper) {
    return [
      `keeps its credentials in a helper ("${helper}") and holds none itself`,
      'Docker Desktop and credential helpers write such files: give username and password, or use the file that "docker login" writes without "credsStore"',
    ];
  }
  return [
    'has no "auths" with credentials in it',
    'give it at least one registry with "auth", or "username" and "password"',
  ];
}

const helperKeys = ['credsStore', 'credHelpers'];

/** The key of a config.json by which a program outside keeps its credentials. */
function helperOf(document: Record<string, unknown>): string | undefined {
  return helperKeys.find((key) => document[foldKey(key)] !== undefined);
}

/** What `docker login` leaves where a helper has the credentials. */
function isEmptyEntry(entry: unknown): boolean {
  return isRecord(entry) && Object.keys(entry).every((field) => foldKey(field) === 'email');
}

/** A legacy file is the bare map: hosts at the top, none of a config.json's own keys. */
function looksLikeDockercfg(document: Record<string, unknown>): boolean {
  if (['auths', ...helperKeys].some((key) => foldKey(key) in document)) return false;
  return Object.values(document).some((entry) => {
    const fields = isRecord(entry) ? Object.keys(entry).map(foldKey) : [];
    return fields.includes('auth') || fields.includes('username');
  });
}
