import { CoreV1Api, type KubernetesListObject, type KubernetesObject, type V1Namespace } from '@kubernetes/client-node';
import { clusterError } from './api-status.ts';
import type { Cluster, WatchEvent, WatchQuery } from './cluster.ts';
import type { RequestName } from './cluster-error.ts';
import type { ApiClient } from './connection.ts';
import { type Ask, byName, translateErrors } from './kubernetes-requests.ts';

/** After how long the server shall end a watch: seconds, and as many more by chance, so that not all begin anew at once. */
const shortestWatch = 240;
/** How much later than told the server may end a watch before the connection counts as dead: milliseconds. */
const grace = 30_000;

/** Watches by the same selectors as the LISTs, which is what rights by name allow. */
export function watching({ configuration, lines }: ApiClient, ask: Ask): Pick<Cluster, 'latestVersion' | 'watch'> {
  const core = new CoreV1Api(configuration);
  return {
    async latestVersion(query) {
      const page = { limit: 1, ...byName(query.name) };
      const { metadata } = await ask(requestName('list', query), () => list(core, query, page));
      return metadata?.resourceVersion ?? '';
    },

    async watch(query, { from, tell, signal }) {
      const name = requestName('watch', query);
      const seconds = Math.round(shortestWatch * (1 + Math.random()));
      await translateErrors(name, signal, async () => {
        for await (const line of lines(watchPath(query, from, seconds), { signal, silence: seconds * 1000 + grace })) {
          if (line !== '') tell(watchEvent(JSON.parse(line), query, name));
        }
      });
    },
  };
}

function list(
  core: CoreV1Api,
  { resource, namespace }: WatchQuery,
  page: { limit: number; fieldSelector?: string },
): Promise<KubernetesListObject<KubernetesObject>> {
  switch (resource) {
    case 'namespaces':
      return core.listNamespace(page);
    case 'secrets':
      return namespace === undefined
        ? core.listSecretForAllNamespaces(page)
        : core.listNamespacedSecret({ namespace, ...page });
    case 'serviceaccounts':
      return namespace === undefined
        ? core.listServiceAccountForAllNamespaces(page)
        : core.listNamespacedServiceAccount({ namespace, ...page });
    case 'configmaps':
      return namespace === undefined
        ? core.listConfigMapForAllNamespaces(page)
        : core.listNamespacedConfigMap({ namespace, ...page });
  }
}

function watchPath({ resource, name, namespace }: WatchQuery, from: string, seconds: number): string {
  const where = namespace === undefined ? '' : `/namespaces/${namespace}`;
  const parameters = new URLSearchParams({
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: from,
    timeoutSeconds: String(seconds),
    ...byName(name),
  });
  return `/api/v1${where}/${resource}?${parameters}`;
}

interface RawEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: V1Namespace;
}

/** @throws a ClusterError where the event is one: an expired version comes with status 200, and 410 inside */
function watchEvent({ type, object }: RawEvent, { resource }: WatchQuery, request: RequestName): WatchEvent {
  if (type === 'ERROR') throw clusterError(request, (object as { code?: number }).code ?? 500, object);
  const { metadata } = object;
  const version = metadata?.resourceVersion ?? '';
  if (type === 'BOOKMARK') return { version };
  const name = metadata?.name ?? '';
  const ends = resource === 'namespaces' && metadata?.deletionTimestamp !== undefined;
  const namespace = resource === 'namespaces' ? name : (metadata?.namespace ?? '');
  return { version, change: { namespace, name, gone: type === 'DELETED' || ends } };
}

function requestName(verb: 'list' | 'watch', { resource, name, namespace }: WatchQuery): RequestName {
  return { verb, resource, name, namespace };
}
