import type { V1ConfigMap, V1ObjectMeta, V1Secret, V1ServiceAccount } from '@kubernetes/client-node';
import { copyType, dockerConfigKeys } from '../credentials/docker-config.ts';
import type { Progress } from '../progress.ts';
import type { Cluster, SecretContent } from './cluster.ts';
import type { ApiClient } from './connection.ts';
import { namespaceEventWriter } from './kubernetes-events.ts';
import { namespaceRecord, podRecord, secretRecord, serviceAccountRecord, version } from './kubernetes-records.ts';
import { releaseControl } from './kubernetes-release.ts';
import { byName, notThere, orNotFound, requestsOf } from './kubernetes-requests.ts';
import { watching } from './kubernetes-watch.ts';

/** The cluster behind a Kubernetes API server. The files `kubernetes*.ts` are the only ones that make requests. */
export function createKubernetesCluster(
  { send, lines }: ApiClient,
  signal: AbortSignal,
  progress?: Pick<Progress, 'read'>,
): Cluster {
  const requests = requestsOf(send, signal, progress);

  return {
    listNamespaces: ({ name } = {}) =>
      requests.list({ verb: 'list', resource: 'namespaces' }, namespaceRecord, byName(name)),

    listSecrets: ({ name, namespace }) =>
      requests.list({ verb: 'list', resource: 'secrets', name, namespace }, secretRecord, byName(name)),

    listServiceAccounts: ({ name, namespace }) =>
      requests.list({ verb: 'list', resource: 'serviceaccounts', name, namespace }, serviceAccountRecord, byName(name)),

    async createSecret(secret) {
      const request = { verb: 'create', resource: 'secrets', name: secret.name, namespace: secret.namespace } as const;
      return version((await requests.apply<V1Secret>(request, secretBody(secret, notThere))).metadata);
    },

    async updateSecret(secret, { uid, resourceVersion }) {
      const request = { verb: 'patch', resource: 'secrets', name: secret.name, namespace: secret.namespace } as const;
      const body = secretBody(secret, { uid, resourceVersion });
      return version((await requests.apply<V1Secret>(request, body, { force: true })).metadata);
    },

    deleteSecret: ({ namespace, name, observed: preconditions }) =>
      requests.remove({ verb: 'delete', resource: 'secrets', name, namespace }, { preconditions }),

    async unmarkSecret({ namespace, name, resourceVersion, labels, annotations, owners }) {
      const without = (keys: string[]) => Object.fromEntries(keys.map((key) => [key, null]));
      const metadata = { resourceVersion, labels: without(labels), annotations: without(annotations) };
      const body = { metadata: owners ? { ...metadata, ownerReferences: null } : metadata };
      const request = { verb: 'patch', resource: 'secrets', name, namespace } as const;
      return version((await requests.mergePatch<V1Secret>(request, body)).metadata);
    },

    async patchServiceAccount({ namespace, name, resourceVersion, imagePullSecrets: names, annotations }) {
      const request = { verb: 'patch', resource: 'serviceaccounts', name, namespace } as const;
      const imagePullSecrets = names.map((secretName) => ({ name: secretName }));
      const body = { metadata: { resourceVersion, annotations }, imagePullSecrets };
      return version((await requests.mergePatch<V1ServiceAccount>(request, body)).metadata);
    },

    async readSecret(namespace, name) {
      const secret = await orNotFound(requests.read<V1Secret>({ verb: 'get', resource: 'secrets', name, namespace }));
      return secret && { ...version(secret.metadata), type: secret.type ?? '', data: secret.data ?? {} };
    },

    async readConfigMap(namespace, name) {
      const configMap = await orNotFound(
        requests.read<V1ConfigMap>({ verb: 'get', resource: 'configmaps', name, namespace }),
      );
      if (!configMap) return undefined;
      const { metadata, data = {} } = configMap;
      return { ...version(metadata), annotations: metadata?.annotations ?? {}, data };
    },

    async applyConfigMap({ namespace, name, observed, labels, data }) {
      const metadata = { name, namespace, labels, ...(observed ?? notThere) };
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
      await requests.apply({ verb: 'patch', resource: 'configmaps', name, namespace }, body, { force: true });
    },

    async deleteConfigMap(namespace, name) {
      await orNotFound(requests.remove({ verb: 'delete', resource: 'configmaps', name, namespace }));
    },

    async annotateConfigMap(namespace, name, annotations) {
      const request = { verb: 'patch', resource: 'configmaps', name, namespace } as const;
      await orNotFound(requests.mergePatch(request, { metadata: { annotations } }));
    },

    listPendingPods: () =>
      requests.list({ verb: 'list', resource: 'pods' }, podRecord, { fieldSelector: 'status.phase=Pending' }),

    evictPod: ({ namespace, name, observed: preconditions }) =>
      requests.post(
        { verb: 'create', resource: 'pods/eviction', name, namespace },
        {
          apiVersion: 'policy/v1',
          kind: 'Eviction',
          metadata: { name, namespace },
          deleteOptions: { preconditions },
        },
      ),

    ...watching(lines, requests),
    ...namespaceEventWriter(requests),
    ...releaseControl(requests),
  };
}

function secretBody({ namespace, name, labels, annotations, content }: SecretContent, version: V1ObjectMeta): V1Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels, annotations, ...version },
    type: copyType,
    data: { [dockerConfigKeys[copyType]]: content },
  };
}
