import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { digestOf, type FileResult } from '../mutation/report.ts';
import { filesOf, type Part, parts, sample } from '../mutation/scope.ts';
import { type Explanation, faultsOf } from '../mutation/verdict.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const results: Record<string, FileResult> = JSON.parse(read('test/mutation/results.json'));
const explanations: Explanation[] = JSON.parse(read('test/mutation/explanations.json'));
const files = (Object.keys(parts) as Part[]).flatMap(filesOf);

test('what is on record of mutants is of the files as they are', () => {
  const old = files.filter((file) => results[file]?.digest !== digestOf(read(file)));

  assert.deepEqual(old, [], `they changed since: npm run test:mutation -- ${old.join(' ')}`);
  assert.deepEqual(Object.keys(results).toSorted(), files.toSorted());
});

test('of each part enough mutants are killed, and who lives is explained', () => {
  assert.deepEqual(faultsOf(results, explanations), []);
});

test("README's figure is the one on record", () => {
  const all = Object.values(results);
  const killed = all.reduce((sum, one) => sum + one.killed, 0);
  const live = all.reduce((sum, { survivors }) => sum + survivors.length, 0);

  const text = `| ${killed.toLocaleString('en')} of ${(killed + live).toLocaleString('en')} small changes`;
  assert.ok(read('README.md').includes(text), text);
  assert.ok(read('README.md').includes(`each of the other ${live} may live`), `${live} live`);
});

test('the sample has a file of each part', () => {
  for (const [part, file] of Object.entries(sample)) assert.ok(filesOf(part as Part).includes(file), file);
});
