import type { Target } from '../../job/src/config/config.ts';
import { copyType } from '../../job/src/credentials/docker-config.ts';
import { mapOf } from './fields.ts';
import type { Model } from './model.ts';
import { release } from './names.ts';
import { type ForeignSecret, peopleOf } from './people.ts';
import type { Random } from './random.ts';

/** The part of a source Secret that says what copies hold. */
export interface SourceContent {
  type: string;
  data: Record<string, string>;
}

/** What every password begins with, and no word has a piece of. */
export const passwordStart = 'Kq4vX9tB2nLw7RzH';

export function passwordOf(version: number): string {
  return `${passwordStart}${version}`;
}

/** A source Secret in order. Each source has a registry of its own, each version a password of its own. */
export function goodSource(name: string, version: number): ForeignSecret {
  const auths = { [`${name}.example.com`]: { auth: encoded(`robot:${passwordOf(version)}`) } };
  return source(name, copyType, JSON.stringify({ auths }));
}

export function brokenSource(name: string, random: Random): ForeignSecret {
  return random.pick([
    source(name, copyType, '{"auths":{}}'),
    source(name, copyType, 'not JSON'),
    source(name, 'Opaque', '{"auths":{}}'),
  ]);
}

/** What a copy has to hold, from the sources' own texts; `undefined` where one of them is not in order. */
export function expectedContent(sources: ReadonlyArray<SourceContent | undefined>): string | undefined {
  const auths: Record<string, unknown> = {};
  for (const one of sources) {
    const found = one?.type === copyType ? authsOf(one.data['.dockerconfigjson'] ?? '') : undefined;
    if (found === undefined) return undefined;
    Object.assign(auths, found);
  }
  const sorted = Object.entries(auths).sort(([a], [b]) => (a < b ? -1 : 1));
  return encoded(JSON.stringify({ auths: Object.fromEntries(sorted) }));
}

const known = new Map<string, Record<string, unknown> | undefined>();

/** The logins in a docker config, each as `<host> <auth>`. */
export function loginsIn(content: string): string[] {
  return Object.entries(authsOf(content) ?? {}).map(([host, entry]) => `${host} ${(entry as { auth: string }).auth}`);
}

function authsOf(content: string): Record<string, unknown> | undefined {
  if (!known.has(content)) {
    const text = Buffer.from(content, 'base64').toString();
    known.set(content, text.includes('"auth"') ? JSON.parse(text).auths : undefined);
  }
  return known.get(content);
}

export function sourceNow(model: Model, name: string): (SourceContent & { resourceVersion: string }) | undefined {
  const secret = model.get({ resource: 'secrets', namespace: release.namespace, name });
  if (!secret) return undefined;
  const { fields, resourceVersion } = secret;
  return { type: fields.get('type') ?? '', data: mapOf(fields, 'data'), resourceVersion };
}

export function putSource(model: Model, name: string, secret: ForeignSecret): void {
  const people = peopleOf(model);
  const before = model.get({ resource: 'secrets', namespace: release.namespace, name });
  if (before?.fields.get('type') === secret.type && !before.fields.has('immutable')) {
    people.patchSecret('external-secrets', release.namespace, name, { data: secret.data });
    return;
  }
  if (before) people.deleteSecret(release.namespace, name);
  people.createSecret('external-secrets', secret);
}

export function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

function source(name: string, type: string, text: string): ForeignSecret {
  return { namespace: release.namespace, name, type, data: { '.dockerconfigjson': encoded(text) } };
}

/** What the copies of these targets have to hold; `undefined` where one of their sources is not in order. */
export function contentNow(model: Model, targets: readonly Target[]): string | undefined {
  // In a target the later source counts, and of several targets the earlier one.
  const sources = targets.toReversed().flatMap((target) => target.sources);
  return expectedContent(sources.map((one) => ('secret' in one ? sourceNow(model, one.secret) : undefined)));
}
