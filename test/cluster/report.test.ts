import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import type { ReportDocument } from '../../job/src/report/document/report-document.ts';
import { assertNoTrace } from '../support/no-trace.ts';
import {
  password,
  registryValues,
  releaseNamespace,
  secretName,
  startTestCluster,
  type TestCluster,
} from './support.ts';

let cluster: TestCluster;

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces('team-a', 'team-b');
  await cluster.install(registryValues());
  await cluster.job(['sync']);
  await cluster.createNamespaces('team-new');
});
after(() => cluster[Symbol.asyncDispose]());

/** A report as a person with all rights gets it. */
function report(command: 'plan' | 'status', format: string, ...options: string[]) {
  const admin = ['--kubeconfig', cluster.controlPlane.kubeconfig];
  return cluster.job([command, ...admin, '--output', format, ...options]);
}

test('the standard output is the report alone, and the exit code is that of the command without it', async () => {
  const { code, stdout } = await report('status', 'json', '--exit-code');

  assert.equal(code, 2);
  const { verdict, release, lastRun, namespaces, registries }: ReportDocument = JSON.parse(stdout);
  assert.deepEqual([verdict, release, lastRun?.exitCode], ['drift', `${releaseNamespace}/pullsecret-sync`, 0]);
  const stateOf = (wanted: string) => namespaces.find(({ name }) => name === wanted)?.state;
  assert.deepEqual(['team-a', 'team-new', 'kube-system'].map(stateOf), ['inLine', 'drift', 'leftOut']);
  const selected = namespaces.filter(({ state }) => state !== 'leftOut').length;
  assert.deepEqual(registries, [{ host: 'registry.example.com', targets: ['default'], namespaces: selected }]);
});

test('plan and status say the same of every namespace', async () => {
  const [plan, status] = await Promise.all([report('plan', 'yaml'), report('status', 'yaml')]);

  assert.deepEqual(parse(plan.stdout).namespaces, parse(status.stdout).namespaces);
});

for (const [format, start, drift] of [
  ['html', /^<!doctype html>/, /<th scope="row">team-new<\/th><td><a class="state drift"/],
  ['junit', /^<\?xml version="1\.0" encoding="UTF-8"\?>/, /name="team-new" time="0">\s+<failure type="drift"/],
  ['markdown', /^### /, /target <code>default<\/code>, 1 namespace/],
  ['text', /^A run would change something in 1 namespace\.\n\nLast run: ended/, /^team-new +drift$/m],
] as const) {
  test(`--output ${format} names what is not in line, and no credential`, async () => {
    const { code, stdout, output } = await report('status', format);

    assert.equal(code, 0);
    assert.match(stdout, start);
    assert.match(stdout, drift);
    assertNoTrace(output, password.slice(0, 6));
  });
}

test('where credentials are bad the report says so, and the exit code is as before', async () => {
  const file = join(cluster.controlPlane.directory, 'broken.yaml');
  const source = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'broken', namespace: releaseNamespace } };
  await cluster.applyObjects({ ...source, type: 'Opaque', stringData: { x: password } });
  await writeFile(
    file,
    `{release: ${releaseNamespace}/x, targets: [{name: default, secretName: ${secretName}, sources: [{secret: broken}]}]}`,
  );

  const { code, stdout, output } = await report('plan', 'json', '--config', file);

  assert.equal(code, 78);
  const { verdict, targets }: ReportDocument = JSON.parse(stdout);
  assert.equal(verdict, 'incomplete');
  assert.match(targets[0]?.problems[0]?.message ?? '', /broken/);
  assertNoTrace(output, password.slice(0, 6));
});

test('a format that is not there is a wrong command line', async () => {
  const { code, output } = await cluster.job(['plan', '--output', 'xml']);

  assert.equal(code, 64);
  assert.match(output, /text, json, yaml, markdown, html, junit/);
});
