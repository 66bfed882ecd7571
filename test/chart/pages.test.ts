import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { chart, one, withEachHelm } from './support.ts';

interface Manifest<Spec = unknown> {
  kind?: string;
  metadata: { namespace: string };
  spec: Spec;
}

interface Application {
  source: { targetRevision: string; helm: { releaseName: string; valuesObject: object } };
  destination: { namespace: string };
}

interface HelmRelease {
  values: object;
  releaseName: string;
  targetNamespace: string;
  chartRef: object;
}

let documents: Manifest[];
let version: string;

before(async () => {
  const page = await readFile(join(chart, 'pages', 'gitops.md'), 'utf8');
  const blocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block]) => block ?? '');
  documents = blocks.flatMap((block) => parseAllDocuments(block).map((document) => document.toJS()));
  version = parse(await readFile(join(chart, 'Chart.yaml'), 'utf8')).version;
});

withEachHelm('the page on Argo CD and Flux', (helm) => {
  test('has an Application whose values the chart takes', async () => {
    const { source, destination } = manifest<Application>('Application').spec;

    assert.equal(source.targetRevision, version);
    await assertExternalSecret(source.helm.valuesObject, source.helm.releaseName, destination.namespace);
  });

  test('has a HelmRelease whose values the chart takes, and the source that it names', async () => {
    const release = manifest<HelmRelease>('HelmRelease');
    const repository = manifest<{ ref: { tag: string } }>('OCIRepository');
    const { values, releaseName, targetNamespace, chartRef } = release.spec;

    assert.equal(repository.spec.ref.tag, version);
    assert.deepEqual(chartRef, { kind: 'OCIRepository', name: 'pullsecret-sync' });
    assert.equal(repository.metadata.namespace, release.metadata.namespace);
    await assertExternalSecret(values, releaseName, targetNamespace);
  });

  test('has values for plain manifests that leave no Job suspended', async () => {
    const [values] = documents.filter((document) => 'helmHooks' in document);
    assert.ok(values);

    const objects = await helm.template({ values: { ...values, existingSecrets: ['from-vault'] } });

    assert.equal(one(objects, 'Job').spec?.suspend, undefined);
  });

  async function assertExternalSecret(values: object, release: string, namespace: string): Promise<void> {
    const objects = await helm.template({ values, release, namespace });

    assert.equal(objects.filter(({ kind }) => String(kind) === 'ExternalSecret').length, 1);
  }
});

function manifest<Spec>(kind: string): Manifest<Spec> {
  const found = documents.filter((document) => document.kind === kind);
  assert.equal(found.length, 1, kind);
  return found[0] as Manifest<Spec>;
}
