import type { EventsV1Event } from '@kubernetes/client-node';
import { marks } from '../plan/marks.ts';
import type { Cluster } from './cluster.ts';
import { version } from './kubernetes-records.ts';
import { notThere, orNotFound, type Requests } from './kubernetes-requests.ts';

const { fieldManager } = marks;

/** Events about namespaces, each in the namespace that it is about, where `kubectl events` looks. */
export function namespaceEventWriter(
  requests: Requests,
): Pick<Cluster, 'readEvent' | 'createEvent' | 'repeatEvent' | 'deleteEvent'> {
  return {
    async readEvent(namespace, name) {
      const event = await orNotFound(
        requests.read<EventsV1Event>({ verb: 'get', resource: 'events', name, namespace }),
      );
      if (!event) return undefined;
      const { metadata, note = '', series, eventTime } = event;
      const lastObserved = Date.parse(series?.lastObservedTime ?? eventTime ?? '') || 0;
      return { ...version(metadata), note, count: series?.count ?? 1, lastObserved };
    },

    async createEvent({ namespace, name, reason, action, note, reporter, time }) {
      const body = {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name, namespace, ...notThere },
        eventTime: microTime(time),
        type: 'Warning',
        reason,
        action,
        note,
        // A Namespace lies in no namespace; named all the same, the Event may lie in the one that it is about.
        regarding: { apiVersion: 'v1', kind: 'Namespace', name: namespace, namespace },
        reportingController: fieldManager,
        reportingInstance: reporter,
      };
      await requests.apply({ verb: 'create', resource: 'events', name, namespace }, body);
    },

    async repeatEvent({ namespace, name, observed, count, time }) {
      const body = { metadata: observed, series: { count, lastObservedTime: microTime(time) } };
      await requests.mergePatch({ verb: 'patch', resource: 'events', name, namespace }, body);
    },

    deleteEvent: ({ namespace, name, observed: preconditions }) =>
      requests.remove({ verb: 'delete', resource: 'events', name, namespace }, { preconditions }),
  };
}

/** The API takes exactly six digits. */
function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}
