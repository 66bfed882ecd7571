import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1PodSpec } from '@kubernetes/client-node';
import { credentials, existing, type Helm, one, podSpec, version, withEachHelm } from './support.ts';

withEachHelm('pod', (helm) => {
  test('fits the Restricted standard and sets no user', async () => {
    const { securityContext, containers } = await pod(helm);

    assert.deepEqual(securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    assert.deepEqual(containers[0]?.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('asks for the token itself and for nothing else of the cluster', async () => {
    const manifests = await helm.template();

    const spec = podSpec(manifests);
    assert.equal(spec.serviceAccountName, one(manifests, 'ServiceAccount').metadata?.name);
    assert.equal(spec.automountServiceAccountToken, true);
    assert.equal(spec.enableServiceLinks, false);
    assert.equal(spec.terminationGracePeriodSeconds, 30);
    assert.equal(spec.volumes, undefined);
  });

  test('is told where its configuration is', async () => {
    const manifests = await helm.template({ namespace: 'infra' });

    assert.deepEqual(podSpec(manifests).containers[0]?.env, [
      { name: 'PULLSECRET_SYNC_CONFIG_MAP', value: `infra/${one(manifests, 'ConfigMap').metadata?.name}` },
      { name: 'PULLSECRET_SYNC_LOG_FORMAT', value: 'json' },
    ]);
  });

  for (const [what, values, names] of [
    ['the source and the copy', credentials, ['pullsecret-sync-source', 'image-pull-secret']],
    ['existing Secrets and the copy', existing, ['team-credentials', 'image-pull-secret']],
    ['a source that is the copy once', { existingSecrets: ['image-pull-secret'] }, ['image-pull-secret']],
    [
      'further ones too, each once',
      {
        ...existing,
        imagePullSecrets: ['mirror', 'team-credentials'],
        global: { imagePullSecrets: ['global', 'mirror'] },
      },
      ['team-credentials', 'image-pull-secret', 'mirror', 'global'],
    ],
  ] as const) {
    test(`pulls its image with ${what}`, async () => {
      const { imagePullSecrets } = podSpec(await helm.template({ values }));

      assert.deepEqual(
        imagePullSecrets,
        names.map((name) => ({ name })),
      );
    });
  }

  const digest = `sha256:${'0a'.repeat(32)}`;
  for (const [image, expected] of [
    [{}, `ghcr.io/pullsecret-sync/pullsecret-sync:${version}`],
    [{ repository: 'registry.example.com:5000/ops/sync' }, `registry.example.com:5000/ops/sync:${version}`],
    [{ tag: '1.10' }, 'ghcr.io/pullsecret-sync/pullsecret-sync:1.10'],
    [{ digest }, `ghcr.io/pullsecret-sync/pullsecret-sync@${digest}`],
    [{ digest, tag: '1.10' }, `ghcr.io/pullsecret-sync/pullsecret-sync@${digest}`],
  ] as const) {
    test(`runs the image ${expected} with ${Object.keys(image).join(' and ') || 'no value'} set`, async () => {
      assert.equal((await pod(helm, { image })).containers[0]?.image, expected);
    });
  }

  for (const [repository, expected] of [
    ['ghcr.io/ops/sync', `mirror.example.com:5000/ops/sync:${version}`],
    ['registry.example.com:5000/ops/sync', `mirror.example.com:5000/ops/sync:${version}`],
    ['localhost/sync', `mirror.example.com:5000/sync:${version}`],
    ['ops/sync', `mirror.example.com:5000/ops/sync:${version}`],
  ] as const) {
    test(`pulls ${repository} from the global registry where there is one`, async () => {
      const { containers } = await pod(helm, {
        image: { repository },
        global: { imageRegistry: 'mirror.example.com:5000' },
      });

      assert.equal(containers[0]?.image, expected);
    });
  }

  test('pulls the image as the policy says', async () => {
    const pullPolicy = async (image: object) => (await pod(helm, { image })).containers[0]?.imagePullPolicy;

    assert.equal(await pullPolicy({}), 'IfNotPresent');
    assert.equal(await pullPolicy({ pullPolicy: 'Always' }), 'Always');
  });

  test('has a memory limit and no CPU limit', async () => {
    assert.deepEqual((await pod(helm)).containers[0]?.resources, {
      requests: { cpu: '10m', memory: '64Mi' },
      limits: { memory: '128Mi' },
    });
  });

  test('takes other resources, or none', async () => {
    const more = await pod(helm, { resources: { limits: { memory: '256Mi', cpu: 2 } } });
    const none = await pod(helm, { resources: { requests: null, limits: null } });

    assert.deepEqual(more.containers[0]?.resources?.limits, { memory: '256Mi', cpu: 2 });
    assert.deepEqual(none.containers[0]?.resources ?? {}, {});
  });

  test('runs on Linux nodes only, anywhere among them', async () => {
    const { nodeSelector, tolerations, affinity } = await pod(helm);

    assert.deepEqual([nodeSelector, tolerations, affinity], [{ 'kubernetes.io/os': 'linux' }, undefined, undefined]);
  });

  test('runs where it is told to', async () => {
    const values = {
      nodeSelector: { pool: 'system', 'kubernetes.io/os': null },
      tolerations: [{ key: 'pool', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 2_000_000 }],
      affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
    };

    const { nodeSelector, tolerations, affinity } = await pod(helm, values);

    assert.deepEqual({ nodeSelector, tolerations, affinity }, { ...values, nodeSelector: { pool: 'system' } });
  });

  test('does without what null takes away', async () => {
    const values = { nodeSelector: null, tolerations: null, affinity: null, resources: null, imagePullSecrets: null };

    const spec = await pod(helm, values);

    assert.deepEqual([spec.nodeSelector, spec.tolerations, spec.affinity], [undefined, undefined, undefined]);
    assert.equal(spec.containers[0]?.resources, undefined);
    assert.equal(spec.imagePullSecrets?.length, 2);
  });
});

async function pod(helm: Helm, values: object = {}): Promise<V1PodSpec> {
  return podSpec(await helm.template({ values: { ...credentials, ...values } }));
}
