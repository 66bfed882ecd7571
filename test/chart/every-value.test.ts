import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parse } from 'yaml';
import { everyValue } from './every-value.ts';
import { chart } from './support.ts';

/** Switches that are on by default. Off, they take away what other tests look at, so each has tests of its own. */
const switches = [
  'cleanupOnUninstall',
  'events.enabled',
  'helmHooks',
  'rbac.create',
  'runOnInstall.enabled',
  'serviceAccount.create',
];

test('the tests try each value that values.yaml has, and none that is not there', async () => {
  const defaults = parse(await readFile(`${chart}/values.yaml`, 'utf8'));

  const tried = leaves(defaults, everyValue)
    .filter(([, before, now]) => now !== undefined && !same(before, now))
    .map(([path]) => path);

  const all = leaves(defaults, everyValue).map(([path]) => path);
  assert.deepEqual(all.filter((path) => !tried.includes(path)).toSorted(), switches);
  assert.deepEqual(Object.keys(everyValue).toSorted(), Object.keys(defaults).toSorted());
});

/** Each value of ours by its path: the default, and what the tests try. What Kubernetes defines counts as one. */
function leaves(defaults: Record<string, unknown>, tried: Record<string, unknown>): [string, unknown, unknown][] {
  return Object.entries(defaults).flatMap(([key, value]): [string, unknown, unknown][] => {
    const inner =
      isMap(value) && !/^(nodeSelector|resources|\w*[lL]abels|\w*[aA]nnotations|\w*ecurityContext)$/.test(key);
    if (!inner || Object.keys(value).length === 0) return [[key, value, tried[key]]];
    return leaves(value, tried[key] as Record<string, unknown>).map(([path, ...rest]) => [`${key}.${path}`, ...rest]);
  });
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
