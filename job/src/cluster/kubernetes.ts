import { CoreV1Api, type V1ObjectMeta, type V1Secret } from '@kubernetes/client-node';
import { copyType, dockerConfigKeys } from '../credentials/docker-config.ts';
import { marks } from '../plan/marks.ts';
import type { Cluster, SecretContent } from './cluster.ts';
import type { RequestName } from './cluster-error.ts';
import type { ApiClient } from './connection.ts';
import { namespaceEventWriter } from './kubernetes-events.ts';
import { namespaceRecord, podRecord, secretRecord, serviceAccountRecord, version } from './kubernetes-records.ts';
import { releaseControl } from './kubernetes-release.ts';
import { allPages, apply, byName, merge, notThere, orNotFound, translateErrors } from './kubernetes-requests.ts';
import { watching } from './kubernetes-watch.ts';

const { fieldManager } = marks;
/** The cluster behind a Kubernetes API server. The files `kubernetes*.ts` are the only ones that make requests. */
export function createKubernetesCluster(client: ApiClient, signal: AbortSignal): Cluster {
  const { configuration } = client;
  const core = new CoreV1Api(configuration);
  const ask = <T>(name: RequestName, request: () => Promise<T>) => translateErrors(name, signal, request);

  return {
    async listNamespaces({ name } = {}) {
      const items = await ask({ verb: 'list', resource: 'namespaces' }, () =>
        allPages((page) => core.listNamespace({ ...page, ...byName(name) })),
      );
      return items.map(namespaceRecord);
    },

    async listSecrets({ name, namespace }) {
      const items = await ask({ verb: 'list', resource: 'secrets', name, namespace }, () =>
        allPages((page) =>
          namespace === undefined
            ? core.listSecretForAllNamespaces({ ...page, ...byName(name) })
            : core.listNamespacedSecret({ namespace, ...page, ...byName(name) }),
        ),
      );
      return items.map(secretRecord);
    },

    async listServiceAccounts({ name, namespace }) {
      const items = await ask({ verb: 'list', resource: 'serviceaccounts', name, namespace }, () =>
        allPages((page) =>
          namespace === undefined
            ? core.listServiceAccountForAllNamespaces({ ...page, ...byName(name) })
            : core.listNamespacedServiceAccount({ namespace, ...page, ...byName(name) }),
        ),
      );
      return items.map(serviceAccountRecord);
    },

    async createSecret(secret) {
      const { namespace, name } = secret;
      const body = secretBody(secret, notThere);
      await ask({ verb: 'create', resource: 'secrets', name, namespace }, () =>
        core.patchNamespacedSecret({ name, namespace, body, fieldManager }, apply),
      );
    },

    async updateSecret(secret, { uid, resourceVersion }) {
      const { namespace, name } = secret;
      const body = secretBody(secret, { uid, resourceVersion });
      await ask({ verb: 'patch', resource: 'secrets', name, namespace }, () =>
        core.patchNamespacedSecret({ name, namespace, body, fieldManager, force: true }, apply),
      );
    },

    async deleteSecret({ namespace, name, observed }) {
      await ask({ verb: 'delete', resource: 'secrets', name, namespace }, () =>
        core.deleteNamespacedSecret({ name, namespace, body: { preconditions: observed } }),
      );
    },

    async unmarkSecret({ namespace, name, resourceVersion, labels, annotations }) {
      const without = (keys: string[]) => Object.fromEntries(keys.map((key) => [key, null]));
      const body = { metadata: { resourceVersion, labels: without(labels), annotations: without(annotations) } };
      await ask({ verb: 'patch', resource: 'secrets', name, namespace }, () =>
        core.patchNamespacedSecret({ name, namespace, body, fieldManager }, merge),
      );
    },

    async patchServiceAccount({ namespace, name, resourceVersion, imagePullSecrets, annotations }) {
      const body = {
        metadata: { resourceVersion, annotations },
        imagePullSecrets: imagePullSecrets.map((secretName) => ({ name: secretName })),
      };
      await ask({ verb: 'patch', resource: 'serviceaccounts', name, namespace }, () =>
        core.patchNamespacedServiceAccount({ name, namespace, body, fieldManager }, merge),
      );
    },

    async readSecret(namespace, name) {
      const secret = await orNotFound(
        ask({ verb: 'get', resource: 'secrets', name, namespace }, () =>
          core.readNamespacedSecret({ name, namespace }),
        ),
      );
      if (!secret) return undefined;
      return { ...version(secret.metadata), type: secret.type ?? '', data: secret.data ?? {} };
    },

    async readConfigMap(namespace, name) {
      const configMap = await orNotFound(
        ask({ verb: 'get', resource: 'configmaps', name, namespace }, () =>
          core.readNamespacedConfigMap({ name, namespace }),
        ),
      );
      if (!configMap) return undefined;
      const { metadata, data = {} } = configMap;
      return { ...version(metadata), annotations: metadata?.annotations ?? {}, data };
    },

    async applyConfigMap({ namespace, name, observed, labels, data }) {
      const metadata = { name, namespace, labels, ...(observed ?? notThere) };
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
      await ask({ verb: 'patch', resource: 'configmaps', name, namespace }, () =>
        core.patchNamespacedConfigMap({ name, namespace, body, fieldManager, force: true }, apply),
      );
    },

    async deleteConfigMap(namespace, name) {
      await orNotFound(
        ask({ verb: 'delete', resource: 'configmaps', name, namespace }, () =>
          core.deleteNamespacedConfigMap({ name, namespace }),
        ),
      );
    },

    async annotateConfigMap(namespace, name, annotations) {
      const body = { metadata: { annotations } };
      await orNotFound(
        ask({ verb: 'patch', resource: 'configmaps', name, namespace }, () =>
          core.patchNamespacedConfigMap({ name, namespace, body, fieldManager }, merge),
        ),
      );
    },

    ...watching(client, ask),
    async listPendingPods() {
      return ask({ verb: 'list', resource: 'pods' }, () =>
        allPages(async (page) => {
          const { items, metadata } = await core.listPodForAllNamespaces({
            ...page,
            fieldSelector: 'status.phase=Pending',
          });
          // Made small page by page: pods are large, and where a registry is gone they are many.
          return { items: items.map(podRecord), ...(metadata ? { metadata } : {}) };
        }),
      );
    },

    async evictPod({ namespace, name, observed: preconditions }) {
      const body = { metadata: { name, namespace }, deleteOptions: { preconditions } };
      await ask({ verb: 'create', resource: 'pods/eviction', name, namespace }, () =>
        core.createNamespacedPodEviction({ name, namespace, body }),
      );
    },

    ...namespaceEventWriter(configuration, ask),
    ...releaseControl(configuration, ask),
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
