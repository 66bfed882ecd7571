import type { Cluster, EventRecord } from '../../job/src/cluster/cluster.ts';
import type { Knowledge } from './knowledge.ts';
import { type Model, refusal } from './model.ts';

/** Events about namespaces as the engine sees them. */
export function eventsView(
  model: Model,
  actor: string,
): Pick<Cluster, 'readEvent' | 'createEvent' | 'repeatEvent' | 'deleteEvent'> {
  const { events } = model;
  const write = (place: { namespace: string; name: string }, event: Omit<EventRecord, 'uid' | 'resourceVersion'>) => {
    const key = `${place.namespace}/${place.name}`;
    const version = model.nextVersion();
    model.onEvent(actor, key, event.note);
    events.set(key, { ...event, uid: events.get(key)?.uid ?? `uid-${version}`, resourceVersion: version });
  };
  const observedOne = (
    verb: 'patch' | 'delete',
    { namespace, name, observed }: Parameters<Cluster['deleteEvent']>[0],
  ): EventRecord => {
    const request = { verb, resource: 'events', name, namespace } as const;
    const event = events.get(`${namespace}/${name}`);
    if (!event) throw refusal('notFound', request);
    const same = event.uid === observed.uid && event.resourceVersion === observed.resourceVersion;
    if (!same) throw refusal('conflict', request);
    return event;
  };

  return {
    readEvent: async (namespace, name) => events.get(`${namespace}/${name}`),
    async createEvent({ namespace, name, note, time }) {
      const request = { verb: 'create', resource: 'events', name, namespace } as const;
      const found = model.namespaces.get(namespace);
      if (!found || found.terminating) throw refusal('namespaceGone', request);
      if (events.has(`${namespace}/${name}`)) throw refusal('conflict', request);
      write({ namespace, name }, { note, count: 1, lastObserved: time.getTime() });
    },
    async repeatEvent({ count, time, ...event }) {
      const { note } = observedOne('patch', event);
      write(event, { note, count, lastObserved: time.getTime() });
    },
    async deleteEvent(event) {
      observedOne('delete', event);
      events.delete(`${event.namespace}/${event.name}`);
    },
  };
}

/** What is wrong with the writing of an Event; `undefined`: nothing. */
export function brokenEvent(knowledge: Knowledge, sinceLast: number): string | undefined {
  knowledge.events += 1;
  if (knowledge.role !== 'run' || !knowledge.config?.events.enabled) return 'nobody asked for it';
  if (knowledge.mustRest) return 'runs stand still';
  if (knowledge.events > 20) return 'it is one of too many';
  return sinceLast < 600_000 ? 'it was written a moment ago' : undefined;
}
