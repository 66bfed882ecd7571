import type { V1ListMeta, V1ObjectMeta } from '@kubernetes/client-node';
import { clusterError } from './api-status.ts';
import type { Cluster, WatchEvent, WatchedObject, WatchQuery } from './cluster.ts';
import type { RequestName } from './cluster-error.ts';
import type { ApiClient } from './connection.ts';
import { namespaceRecord, secretRecord, serviceAccountRecord } from './kubernetes-records.ts';
import { byName, type Raw, type Requests, translateErrors } from './kubernetes-requests.ts';
import { resourcePath } from './kubernetes-resources.ts';

/** After how long the server shall end a watch: seconds, and as many more by chance, so that not all begin anew at once. */
const shortestWatch = 240;
/** How much later than told the server may end a watch before the connection counts as dead: milliseconds. */
const grace = 30_000;

/** Watches by the same selectors as the LISTs, which is what rights by name allow. */
export function watching(lines: ApiClient['lines'], requests: Requests): Pick<Cluster, 'latestVersion' | 'watch'> {
  return {
    async latestVersion(query) {
      const page = { limit: '1', ...byName(query.name) };
      const { metadata } = await requests.read<{ metadata?: V1ListMeta }>({ verb: 'list', ...query }, page);
      return metadata?.resourceVersion ?? '';
    },

    async watch(query, { from, tell, signal }) {
      const name = { verb: 'watch', ...query } as const;
      const seconds = Math.round(shortestWatch * (1 + Math.random()));
      const path = resourcePath(name, {
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: from,
        timeoutSeconds: String(seconds),
        ...byName(query.name),
      });
      await translateErrors(name, signal, async () => {
        for await (const line of lines(path, { signal, silence: seconds * 1000 + grace })) {
          if (line !== '') tell(watchEvent(JSON.parse(line), query, name));
        }
      });
    },
  };
}

interface RawEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: { metadata?: Raw<V1ObjectMeta> };
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
  const gone = type === 'DELETED' || ends;
  const now = gone ? undefined : watchedObject(resource, object);
  return { version, change: { namespace, name, gone, isNew: type === 'ADDED', ...(now && { object: now }) } };
}

function watchedObject(resource: WatchQuery['resource'], object: RawEvent['object']): WatchedObject | undefined {
  switch (resource) {
    case 'namespaces':
      return { namespace: namespaceRecord(object) };
    case 'secrets':
      return { secret: secretRecord(object) };
    case 'serviceaccounts':
      return { serviceAccount: serviceAccountRecord(object) };
    case 'configmaps':
      return undefined;
  }
}
