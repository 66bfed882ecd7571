import type { V1Deployment, V1Secret } from '@kubernetes/client-node';
import { dockerConfigKeys } from '../credentials/docker-config.ts';
import { type ImportCluster, type PatcherRecord, patcherVariables } from '../import/import-cluster.ts';
import type { ApiClient } from './connection.ts';
import { createKubernetesCluster } from './kubernetes.ts';
import { secretRecord } from './kubernetes-records.ts';
import { type Raw, requestsOf } from './kubernetes-requests.ts';

/** What a person may look at and the job may not: all pull secrets whatever their names, and Deployments. */
export function createImportCluster(client: ApiClient, signal: AbortSignal): ImportCluster {
  const requests = requestsOf(client.send, signal);
  return {
    ...createKubernetesCluster(client, signal),

    async listPullSecrets() {
      const lists = Object.entries(dockerConfigKeys).map(([type, key]) =>
        requests.list(
          { verb: 'list', resource: 'secrets' },
          (secret: Raw<V1Secret>) => ({ ...secretRecord(secret), content: secret.data?.[key] }),
          { fieldSelector: `type=${type}` },
        ),
      );
      return (await Promise.all(lists)).flat();
    },

    async listPatchers() {
      return (await requests.list({ verb: 'list', resource: 'deployments' }, patcherRecord)).flat();
    },
  };
}

function patcherRecord({ metadata, spec }: Raw<V1Deployment>): PatcherRecord[] {
  const pod = spec?.template.spec;
  const container = pod?.containers.find(({ image = '' }) => image.includes('imagepullsecret-patcher'));
  if (!container) return [];
  const { env = [] } = container;
  const known = env.filter(({ name }) => (patcherVariables as readonly string[]).includes(name));
  const sources = [
    ...(pod?.volumes ?? []).map(({ secret }) => secret?.secretName),
    ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
  ];
  return [
    {
      namespace: metadata?.namespace ?? '',
      name: metadata?.name ?? '',
      runs: spec?.replicas !== 0,
      settings: Object.fromEntries(
        known.filter(({ valueFrom }) => valueFrom === undefined).map(({ name, value = '' }) => [name, value]),
      ),
      unread: known.filter(({ valueFrom }) => valueFrom !== undefined).map(({ name }) => name),
      sources: [...new Set(sources.filter((name) => name !== undefined))],
    },
  ];
}
