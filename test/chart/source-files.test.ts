import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1PodTemplateSpec } from '@kubernetes/client-node';
import { cleanup, credentials, one, withEachHelm } from './support.ts';

const vault = { name: 'vault', csi: { driver: 'secrets-store.csi.k8s.io', readOnly: true } };
const ca = { name: 'ca', configMap: { name: 'registry-ca' } };
const values = {
  sourceFiles: ['/etc/vault/config.json'],
  extraVolumes: [vault, ca],
  extraVolumeMounts: [
    { name: 'vault', mountPath: '/etc/vault', readOnly: true },
    { name: 'ca', mountPath: '/etc/ca', readOnly: true },
  ],
  profiles: { shop: { ...credentials, namespaces: { include: ['shop-*'] } } },
  follow: { enabled: true },
};
type Manifests = Parameters<typeof one>[0];

const inject = 'vault.hashicorp.com/agent-inject';
const onlyInit = 'vault.hashicorp.com/agent-pre-populate-only';

withEachHelm('files of a vault', (helm) => {
  test('are mounted in the pods that read them, and hold up no cleanup and no trial of credentials', async () => {
    const manifests = await helm.template({ values });

    for (const pod of readers(manifests)) assert.deepEqual(volumesOf(pod), [[vault, ca], values.extraVolumeMounts]);
    for (const pod of others(manifests)) assert.deepEqual(volumesOf(pod), [[ca], values.extraVolumeMounts.slice(1)]);
  });

  test("are injected by Vault's agent into the pods that read them, and into no other", async () => {
    const { extraVolumes: _, extraVolumeMounts: __, ...rest } = values;
    const manifests = await helm.template({
      values: { ...rest, podAnnotations: { [inject]: 'true', [onlyInit]: 'true' } },
    });

    for (const pod of readers(manifests)) assert.equal(pod?.metadata?.annotations?.[inject], 'true');
    for (const pod of others(manifests)) assert.equal(pod?.metadata?.annotations?.[inject], 'false');
  });

  test('follow.podAnnotations win over podAnnotations, in the pod of the follower alone', async () => {
    const manifests = await helm.template({
      values: {
        ...values,
        podAnnotations: { [onlyInit]: 'true' },
        follow: { enabled: true, podAnnotations: { [onlyInit]: 'false' } },
      },
    });

    const follower = one(manifests, 'Deployment', 'follower').spec?.template.metadata?.annotations;
    assert.equal(follower?.[onlyInit], 'false');
    const scheduled = one(manifests, 'CronJob').spec?.jobTemplate.spec?.template.metadata?.annotations;
    assert.equal(scheduled?.[onlyInit], 'true');
  });
});

function readers(manifests: Manifests) {
  return [
    one(manifests, 'CronJob').spec?.jobTemplate.spec?.template,
    one(manifests, 'Job').spec?.template,
    one(manifests, 'Deployment', 'follower').spec?.template,
  ];
}

function others(manifests: Manifests) {
  return [cleanup, 'verify'].map((component) => one(manifests, 'Job', component).spec?.template);
}

function volumesOf(pod: V1PodTemplateSpec | undefined) {
  // What the trial of credentials reads is its own.
  return [pod?.spec?.volumes, pod?.spec?.containers[0]?.volumeMounts].map((list) =>
    list?.filter(({ name }) => name !== 'verify'),
  );
}
