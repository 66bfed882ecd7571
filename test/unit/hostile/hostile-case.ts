import type { Source } from './deliver.ts';
import type { Reason } from './reasons.ts';

/** Sources that somebody may give, and what has to become of them. */
export interface HostileCase {
  /** In words; no two are the same. */
  what: string;
  sources: Source[];
  expected: Delivery | Refusal;
  /** What nobody may read in what is said of it. */
  secrets: Buffer[];
}

export interface Delivery {
  /** `username:password` in bytes by the registry's name in the copy. */
  logins: Record<string, Buffer>;
  /** One for each warning, in their order. */
  warnings: Reason[];
}

export interface Refusal {
  /** One for each problem, in their order. */
  refused: Reason[];
}

/** From a larger secret only the beginning is looked for: bytes. */
const longestSought = 1000;

/** The login that most cases hold. No message says anything like it. */
export const username = 'wZ4{kmQ';
export const password = 'Vq7%xJ2!fB9|tN5~pD';
export const host = 'registry.example.com';
export const auth = base64(`${username}:${password}`);

/** A docker config of one registry with that entry. */
export function configOf(entry: unknown, name = host): string {
  return JSON.stringify({ auths: { [name]: entry } });
}

export function base64(text: string | Buffer): string {
  return Buffer.from(text as string).toString('base64');
}

/** A source Secret with that content, by default of the newer type. */
export function secret(content: string | Buffer, type: 'dockerconfigjson' | 'dockercfg' = 'dockerconfigjson'): Source {
  return { type: `kubernetes.io/${type}`, data: { [`.${type}`]: Buffer.from(content as string) } };
}

export function file(content: string | Buffer): Source {
  return { file: Buffer.from(content as string) };
}

/**
 * Sources that arrive.
 *
 * @param logins `username:password` by the registry's name in the copy; default: the usual login at the usual registry
 */
export function delivered(
  what: string,
  source: Source | Source[],
  logins: Record<string, string | Buffer> = { [host]: `${username}:${password}` },
  ...warnings: Reason[]
): HostileCase {
  const bytes = Object.fromEntries(Object.entries(logins).map(([name, login]) => [name, Buffer.from(login as string)]));
  const secrets = Object.values(bytes).map((login) => login.subarray(0, longestSought));
  return { what, sources: [source].flat(), expected: { logins: bytes, warnings }, secrets };
}

/**
 * Sources that are refused.
 *
 * @param secrets what is in them beside the usual login that nobody may read
 */
export function refused(
  what: string,
  source: Source | Source[],
  reason: Reason | Reason[],
  ...secrets: Array<string | Buffer>
): HostileCase {
  const hidden = [username, password, ...secrets].map((one) => Buffer.from(one as string));
  return { what, sources: [source].flat(), expected: { refused: [reason].flat() }, secrets: hidden };
}
