import {
  ApiException,
  type Configuration,
  CoreV1Api,
  PatchStrategy,
  setHeaderOptions,
  type V1ListMeta,
  type V1ObjectMeta,
  type V1Secret,
  type V1ServiceAccount,
} from '@kubernetes/client-node';
import { clusterError } from './api-status.ts';
import type { Cluster, ObjectVersion, SecretContent, SecretRecord, ServiceAccountRecord } from './cluster.ts';
import { ClusterError, type RequestName } from './cluster-error.ts';
import { copyType, dockerConfigKeys } from './docker-config.ts';
import { marks } from './marks.ts';
import { errorCode } from './transport.ts';

/** Objects a page. The API server's own tools use 500; a page is one snapshot. */
const pageSize = 500;
/** How often a LIST starts anew when its continue token expired between two pages (410). */
const listAttempts = 3;

const { fieldManager } = marks;
/**
 * An apply creates what is missing whatever version it names, and conflicts with what exists under any other version. No
 * object is at version 1, so an apply with it creates or fails, and never touches what appeared meanwhile. A POST would do
 * the same, but rights to POST cannot be limited to one name.
 */
const notThere = { resourceVersion: '1' };
const apply = setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply);
const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

/** The cluster behind a Kubernetes API server. The only file that makes requests. */
export function createKubernetesCluster(configuration: Configuration, signal: AbortSignal): Cluster {
  const core = new CoreV1Api(configuration);
  const ask = <T>(name: RequestName, request: () => Promise<T>) => translateErrors(name, signal, request);

  return {
    async listNamespaces({ name } = {}) {
      const items = await ask({ verb: 'list', resource: 'namespaces' }, () =>
        allPages((page) => core.listNamespace({ ...page, ...byName(name) })),
      );
      return items.map(({ metadata, status }) => ({
        name: metadata?.name ?? '',
        labels: metadata?.labels ?? {},
        annotations: metadata?.annotations ?? {},
        terminating: metadata?.deletionTimestamp !== undefined || status?.phase === 'Terminating',
      }));
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

    async deleteSecret({ namespace, name, uid }) {
      await ask({ verb: 'delete', resource: 'secrets', name, namespace }, () =>
        core.deleteNamespacedSecret({ name, namespace, body: { preconditions: { uid } } }),
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
      return { ...version(configMap.metadata), data: configMap.data ?? {} };
    },

    async applyConfigMap({ namespace, name, observed, labels, data }) {
      const metadata = { name, namespace, labels, ...(observed ?? notThere) };
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
      await ask({ verb: 'patch', resource: 'configmaps', name, namespace }, () =>
        core.patchNamespacedConfigMap({ name, namespace, body, fieldManager, force: true }, apply),
      );
    },
  };
}

interface Page {
  limit: number;
  _continue?: string;
}

/** Every item of a paginated LIST. A continue token that expired on the way starts the LIST anew, on a new snapshot. */
async function allPages<Item>(
  list: (page: Page) => Promise<{ items: Item[]; metadata?: V1ListMeta }>,
): Promise<Item[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      const items: Item[] = [];
      let page: Page | undefined = { limit: pageSize };
      while (page) {
        const answer: { items: Item[]; metadata?: V1ListMeta } = await list(page);
        items.push(...answer.items);
        const token = answer.metadata?._continue;
        page = token ? { limit: pageSize, _continue: token } : undefined;
      }
      return items;
    } catch (error) {
      if (!(error instanceof ApiException) || error.code !== 410 || attempt === listAttempts) throw error;
    }
  }
}

function byName(name: string | undefined): { fieldSelector?: string } {
  return name === undefined ? {} : { fieldSelector: `metadata.name=${name}` };
}

async function translateErrors<T>(name: RequestName, signal: AbortSignal, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (signal.aborted) throw new ClusterError('interrupted', name, 'the run was told to stop');
    if (error instanceof ApiException) throw clusterError(name, error.code, error.body);
    // The cause is dropped: client-node's and undici's errors may hold headers and bodies.
    throw new ClusterError('unreachable', name, errorCode(error) || 'no answer from the API server');
  }
}

async function orNotFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ClusterError && error.kind === 'notFound') return undefined;
    throw error;
  }
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

function secretRecord({ metadata, type, immutable, data }: V1Secret): SecretRecord {
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    ...version(metadata),
    type: type ?? '',
    immutable: immutable === true,
    labels: metadata?.labels ?? {},
    annotations: metadata?.annotations ?? {},
    content: data?.[dockerConfigKeys[copyType]],
    managers: (metadata?.managedFields ?? []).map(({ manager }) => manager ?? '').filter((manager) => manager !== ''),
  };
}

function serviceAccountRecord({ metadata, imagePullSecrets }: V1ServiceAccount): ServiceAccountRecord {
  const declarer = metadata?.managedFields?.find(
    ({ operation, fieldsV1, manager }) =>
      operation === 'Apply' && manager !== fieldManager && fieldsV1 !== undefined && 'f:imagePullSecrets' in fieldsV1,
  );
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    ...version(metadata),
    annotations: metadata?.annotations ?? {},
    imagePullSecrets: (imagePullSecrets ?? []).map(({ name }) => name ?? ''),
    listAppliedBy: declarer?.manager,
  };
}

function version(metadata: V1ObjectMeta | undefined): ObjectVersion {
  return { uid: metadata?.uid ?? '', resourceVersion: metadata?.resourceVersion ?? '' };
}
