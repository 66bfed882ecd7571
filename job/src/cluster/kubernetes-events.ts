import { type Configuration, EventsV1Api } from '@kubernetes/client-node';
import { marks } from '../plan/marks.ts';
import type { Cluster } from './cluster.ts';
import { version } from './kubernetes-records.ts';
import { type Ask, apply, merge, notThere, orNotFound } from './kubernetes-requests.ts';

const { fieldManager } = marks;

/** Events about namespaces, each in the namespace that it is about, where `kubectl events` looks. */
export function namespaceEventWriter(
  configuration: Configuration,
  ask: Ask,
): Pick<Cluster, 'readEvent' | 'createEvent' | 'repeatEvent' | 'deleteEvent'> {
  const api = new EventsV1Api(configuration);

  return {
    async readEvent(namespace, name) {
      const event = await orNotFound(
        ask({ verb: 'get', resource: 'events', name, namespace }, () => api.readNamespacedEvent({ name, namespace })),
      );
      if (!event) return undefined;
      const { metadata, note = '', series, eventTime } = event;
      // Its type says Date, and client-node leaves it a text.
      const last = new Date(series?.lastObservedTime ?? eventTime ?? 0);
      return { ...version(metadata), note, count: series?.count ?? 1, lastObserved: last.getTime() };
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
      await ask({ verb: 'create', resource: 'events', name, namespace }, () =>
        api.patchNamespacedEvent({ name, namespace, body, fieldManager }, apply),
      );
    },

    async repeatEvent({ namespace, name, observed, count, time }) {
      const body = { metadata: observed, series: { count, lastObservedTime: microTime(time) } };
      await ask({ verb: 'patch', resource: 'events', name, namespace }, () =>
        api.patchNamespacedEvent({ name, namespace, body, fieldManager }, merge),
      );
    },

    async deleteEvent({ namespace, name, observed }) {
      await ask({ verb: 'delete', resource: 'events', name, namespace }, () =>
        api.deleteNamespacedEvent({ name, namespace, body: { preconditions: observed } }),
      );
    },
  };
}

/** The API takes exactly six digits. */
function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}
