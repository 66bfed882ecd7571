import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { version } from '../../job/src/version.ts';

const chart = join(import.meta.dirname, '..', '..', 'chart');
const [header, jobs] = parseAllDocuments(readFileSync(join(chart, 'gitlab', 'cluster.yml'), 'utf8')).map((document) =>
  document.toJS(),
);
const inputs: Record<string, { description?: string; default?: string }> = header.spec.inputs;

suite("a cluster's jobs for GitLab CI", () => {
  test('come with the chart and the image of their own version', () => {
    assert.equal(inputs.version?.default, version);
    assert.match(inputs.program_image?.default ?? '', new RegExp(`:${version.replaceAll('.', '\\.')}$`));
    assert.ok(readFileSync(join(chart, 'pages', 'gitlab.md'), 'utf8').includes(`ref: v${version}`));
  });

  test('describe every input', () => {
    const undescribed = Object.entries(inputs).filter(([, { description }]) => !description);

    assert.deepEqual(undescribed, []);
  });

  test('have the name of their cluster, so that two clusters have two sets of jobs', () => {
    const unnamed = Object.keys(jobs).filter((name) => !name.includes('$[[ inputs.cluster ]]'));

    assert.deepEqual(unnamed, []);
  });

  test('that change a cluster hold its lock, and no other job does', () => {
    const locked = Object.keys(jobs).filter((name) => jobs[name].resource_group !== undefined);

    assert.deepEqual(
      locked.map((name) => name.split(' ')[0]),
      ['apply', 'rotate', 'destroy'],
    );
  });
});
