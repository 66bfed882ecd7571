import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { chartReadme, chartReadmeFile } from '../../scripts/docs.ts';

test("the chart's README is what its values say: where it is not, run npm run docs", async () => {
  const [written, wanted] = await Promise.all([readFile(chartReadmeFile, 'utf8'), chartReadme()]);

  assert.equal(written, wanted);
});

test("the chart's README shows no value of a credential and names each value once", async () => {
  const rows = (await readFile(chartReadmeFile, 'utf8')).matchAll(
    /^\| ([\w.]+) \| (?:string|int|bool|object|list) \|/gm,
  );

  const values = [...rows].map(([, value]) => value);
  assert.ok(values.length > 80, `${values.length} values`);
  assert.equal(new Set(values).size, values.length);
});
