import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { parse } from 'yaml';
import { pageBlocks, sectionBlocks, sectionValues } from '../support/page.ts';
import { configText, type Manifest, one, withEachHelm } from './support.ts';

const page = 'chart/pages/vaults.md';
const onlyInit = 'vault.hashicorp.com/agent-pre-populate-only';

let sections: string[];

before(() => {
  const blocks = pageBlocks(page);
  sections = [...new Set(blocks.filter(({ language }) => language === 'yaml').map(({ section }) => section))];
});

withEachHelm('the page on vaults', (helm) => {
  const sourcesOf = (manifests: Manifest[]) => parse(configText(manifests)).targets[0].sources;

  test('has values in each section that the chart takes', async () => {
    // What helmfile resolves is tried with helmfile: test/cluster/helmfile-credentials.test.ts.
    const plain = sections.filter((section) => section !== 'SOPS and age');
    assert.equal(plain.length, 5);
    for (const section of plain) await helm.template({ values: sectionValues(page, section) });
  });

  test('has an ExternalSecret that asks the store as often as it says', async () => {
    const manifests = await helm.template({ values: sectionValues(page, 'External Secrets') });

    const { spec, metadata } = one(manifests, 'ExternalSecret');
    assert.equal(spec.refreshInterval, '15m');
    assert.equal(metadata?.name, 'pullsecret-sync-external');
    assert.deepEqual(sourcesOf(manifests), [{ secret: 'pullsecret-sync-external' }]);
  });

  test('names the Secret that the SealedSecret becomes', async () => {
    const manifests = await helm.template({ values: sectionValues(page, 'SealedSecrets') });

    assert.deepEqual(sourcesOf(manifests), [{ secret: one(manifests, 'SealedSecret').metadata?.name }]);
  });

  test('reads the file that the CSI driver mounts, and names the class that it makes', async () => {
    const manifests = await helm.template({ values: sectionValues(page, 'Files of the CSI driver') });

    const { spec } = one(manifests, 'Deployment', 'follower').spec?.template ?? {};
    const [volume] = spec?.volumes ?? [];
    const [mount] = spec?.containers[0]?.volumeMounts ?? [];
    const made = one(manifests, 'SecretProviderClass');
    const [object] = parse(made.spec.parameters.objects);
    assert.equal(volume?.csi?.volumeAttributes?.secretProviderClass, made.metadata?.name);
    assert.equal(made.metadata?.namespace, 'registry-access');
    assert.deepEqual(sourcesOf(manifests), [{ file: `${mount?.mountPath}/${object.objectName}` }]);
  });

  test("reads the file that Vault's agent injects, which stays with the follower alone", async () => {
    const manifests = await helm.template({ values: sectionValues(page, "Files of Vault's agent") });

    const follower = one(manifests, 'Deployment', 'follower').spec?.template.metadata?.annotations ?? {};
    const scheduled = one(manifests, 'CronJob').spec?.jobTemplate.spec?.template.metadata?.annotations ?? {};
    assert.deepEqual([scheduled[onlyInit], follower[onlyInit]], ['true', 'false']);
    for (const annotations of [scheduled, follower]) {
      assert.match(annotations['vault.hashicorp.com/agent-inject-template-config.json'] ?? '', /^{{- with secret "/);
    }
    assert.deepEqual(sourcesOf(manifests), [{ file: '/vault/secrets/config.json' }]);
  });

  test('names the Secret that the generator makes', async () => {
    const section = 'Tokens that live for hours';
    const [object] = sectionBlocks(page, section, 'yaml').map((text) => parse(text));

    const manifests = await helm.template({ values: sectionValues(page, section) });

    assert.deepEqual(sourcesOf(manifests), [{ secret: object.spec.target.name }]);
  });
});
