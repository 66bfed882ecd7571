import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';

/**
 * Compares answers of two servers that number their objects differently: the uid and resourceVersion of the one stand
 * for those of the other, one for one, for as long as the pairing lives.
 */
export function createPairing() {
  const partners = new Map<string, string>();
  const pairUp = (ofModel: string, ofReal: string): boolean => {
    const [forward, backward] = [`model ${ofModel}`, `real ${ofReal}`];
    if (!partners.has(forward) && !partners.has(backward)) partners.set(forward, backward).set(backward, forward);
    return partners.get(forward) === backward && partners.get(backward) === forward;
  };

  return {
    /** @throws an AssertionError where the answers differ in more than their numbers */
    compare(ofModel: unknown, ofReal: unknown, message: () => string): void {
      const [a, b] = [ofModel, ofReal].map((answer) => withoutVersions(answer)) as [Stripped, Stripped];
      if (!isDeepStrictEqual(a.value, b.value)) assert.fail(differing(message, a.value, b.value));
      for (const [index, version] of a.versions.entries()) {
        const other = b.versions[index] as string;
        if (!pairUp(version, other)) assert.fail(`${message()}\nuid or resourceVersion: ${version} is not ${other}`);
      }
    },
  };
}

/** Without what a real server has of its own: its lists hold system namespaces too. */
export function onlyOurs(answer: unknown, prefix: string): unknown {
  if (!Array.isArray(answer)) return answer;
  return answer.filter(({ namespace, name }) => (namespace ?? name).startsWith(prefix)).map(withoutOwnMarks);
}

/** The label that names a namespace, and what follows the time of day: the order of managers, and the age of lists. */
function withoutOwnMarks({
  listChangedAt: _age,
  ...record
}: {
  labels?: Record<string, string>;
  managers?: string[];
  listChangedAt?: number;
}): object {
  const { 'kubernetes.io/metadata.name': _, ...labels } = record.labels ?? {};
  return {
    ...record,
    ...(record.labels ? { labels } : {}),
    ...(record.managers ? { managers: record.managers.toSorted() } : {}),
  };
}

interface Stripped {
  value: unknown;
  versions: string[];
}

function withoutVersions(answer: unknown): Stripped {
  const versions: string[] = [];
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip);
    if (typeof value !== 'object' || value === null) return value;
    if (!('uid' in value) || !('resourceVersion' in value)) return value;
    const { uid, resourceVersion, ...rest } = value;
    versions.push(`uid ${uid}`, `version ${uid}@${resourceVersion}`);
    return rest;
  };
  return { value: strip(answer), versions };
}

function differing(message: () => string, ofModel: unknown, ofReal: unknown): string {
  return `${message()}\nmodel: ${JSON.stringify(ofModel)}\nserver: ${JSON.stringify(ofReal)}`;
}
