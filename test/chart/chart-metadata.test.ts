import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parse } from 'yaml';
import { chart } from './support.ts';

const metadata = parse(await readFile(`${chart}/Chart.yaml`, 'utf8'));
const values = parse(await readFile(`${chart}/values.yaml`, 'utf8'));
const annotation = (name: string) => parse(metadata.annotations[`artifacthub.io/${name}`]);

test('Artifact Hub is told the image that the chart runs', () => {
  assert.deepEqual(annotation('images'), [
    { name: 'pullsecret-sync', image: `${values.image.repository}:${metadata.appVersion}` },
  ]);
});

test('Artifact Hub is told a category, a licence, links and changes in its own words', () => {
  assert.equal(annotation('category'), 'security');
  assert.equal(annotation('license'), 'Apache-2.0');
  for (const { name, url } of annotation('links')) assert.match(`${name} ${url}`, /^\w+ https:\/\//);
  for (const { kind, description } of annotation('changes')) {
    assert.match(kind, /^(added|changed|deprecated|removed|fixed|security)$/);
    assert.ok(description);
  }
});

test('the chart, its app and the package have one version', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));

  assert.deepEqual([metadata.version, metadata.appVersion], [version, version]);
});
