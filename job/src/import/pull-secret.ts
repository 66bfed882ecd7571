import type { SecretRecord } from '../cluster/cluster.ts';
import {
  type DockerConfig,
  type DockerConfigFormat,
  dockerConfigKeys,
  formatDockerConfig,
  parseDockerConfig,
} from '../credentials/docker-config.ts';
import { firstProblems, firstWarnings } from '../credentials/first-few.ts';
import { foldKey, foldKeys } from '../credentials/json-fields.ts';
import { checkExpiry } from '../credentials/login-expiry.ts';
import { normaliseHost } from '../credentials/registry-host.ts';
import { isRecord, parseJson } from '../json.ts';
import type { Problem } from '../problem.ts';

/** A pull secret with what can be told of it. What cannot is for comparing and for the mask. */
export interface PullSecret {
  record: SecretRecord;
  /** The registries in it, by their one spelling; those too whose login the job refuses. */
  hosts: string[];
  /** Tells one content from another. Compared in memory only. `undefined`: it holds nothing that could be compared. */
  identity: string | undefined;
  /** What the job would write in its place once it has the same logins: base64. */
  canonical: string;
  /** Why the job would refuse the content. */
  faults: Problem[];
  /** What is to be known of it. */
  warnings: string[];
  /** What must appear nowhere. */
  confidential: Array<Buffer | string>;
}

/** The type of a Secret that holds a docker config, and how it does. */
const formats: Record<string, DockerConfigFormat> = {
  'kubernetes.io/dockerconfigjson': 'dockerconfigjson',
  'kubernetes.io/dockercfg': 'dockercfg',
};

export function isPullSecret({ type }: SecretRecord): boolean {
  return Object.hasOwn(dockerConfigKeys, type);
}

/** Reads a Secret that has a pull secret's name. One of another type holds nothing, for the kubelet as for us. */
export function readPullSecret(record: SecretRecord, now: Date): PullSecret {
  const format = formats[record.type];
  if (format === undefined) {
    return { record, hosts: [], identity: undefined, canonical: '', faults: [], warnings: [], confidential: [] };
  }
  const content = Buffer.from(record.content ?? '', 'base64');
  const text = content.toString('utf8');
  const { config, warnings, problems } = parseDockerConfig(content, format, 'the content');
  const expiry = checkExpiry(config, {}, now);
  const hosts = [...new Set([...config.keys(), ...hostsIn(text, format)])].toSorted();
  return {
    record,
    hosts,
    identity: hosts.length === 0 ? undefined : problems.length > 0 ? text : loginsOnly(config),
    canonical: Buffer.from(loginsOnly(config)).toString('base64'),
    faults: [...problems, ...firstProblems(expiry.problems, 'the content')],
    warnings: [...warnings, ...firstWarnings(expiry.warnings, 'the content')],
    confidential: [
      ...[...config.values()].flatMap(({ auth }) => [auth, auth.subarray(auth.indexOf(':') + 1)]),
      ...valuesIn(parseJson(text) ?? text),
    ],
  };
}

/**
 * The Secret with what may be told of it only: a key of a docker config may hold anything, and a password that somebody
 * pasted there is to be seen nowhere. Names of objects stay as they are, since they do not come from a credential.
 */
export function tellable(given: PullSecret, mask: (text: string) => string): PullSecret {
  const hosts = given.hosts.filter((host) => mask(host) === host);
  const faults = given.faults.map(({ message, fix }) => ({ message: mask(message), fix }));
  const secret = { ...given, hosts, faults, warnings: given.warnings.map(mask) };
  const unfit = given.hosts.length - hosts.length;
  if (unfit === 0) return secret;
  const fault = {
    message: `the content names registries that cannot be written down, since they hold a password: ${unfit}`,
    fix: 'look at the Secret, and add them to "registries" by hand',
  };
  const identity = hosts.length === 0 ? undefined : secret.identity;
  return { ...secret, identity, faults: [...faults, fault] };
}

/** Every registry that the text names, however its login is. */
function hostsIn(text: string, format: DockerConfigFormat): string[] {
  const document = parseJson(text);
  const auths = isRecord(document) ? (format === 'dockercfg' ? document : foldKeys(document).auths) : undefined;
  if (!isRecord(auths)) return [];
  return Object.keys(auths)
    .map(normaliseHost)
    .filter((host): host is string => host !== undefined && host !== 'leftover');
}

/**
 * Every text of a docker config but its keys and names: of logins that are refused too, and of what is no JSON all. The
 * Secrets are anybody's, and may be nested as deep as they like, so that no call stack would do.
 */
function valuesIn(value: unknown): string[] {
  const texts: string[] = [];
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === 'string') texts.push(next);
    if (typeof next !== 'object' || next === null) continue;
    for (const [key, inside] of Object.entries(next)) {
      if (!['username', 'email'].includes(foldKey(key))) waiting.push(inside);
    }
  }
  return texts;
}

/** An address of e-mail beside a login is no other login, and the values that an import writes have none. */
function loginsOnly(config: DockerConfig): string {
  return formatDockerConfig(new Map([...config].map(([host, { email: _, ...login }]) => [host, login])));
}
