import type {
  NamespaceRecord,
  SecretRecord,
  ServiceAccountRecord,
  WatchedChange,
  WatchedObject,
  WatchQuery,
} from '../cluster/cluster.ts';
import type { Observed } from '../plan/observe.ts';

/** For how long what the watches tell of a namespace is kept: milliseconds. After that it is looked at like any other. */
const youth = 60_000;

/**
 * Namespaces of which the watches told from their first moment on: what is in them is known without a request. Many that come
 * at once would need a look at everything for that, again and again.
 *
 * Each watch tells of its own resource and may be behind the others, so that less may be known than a LIST would show. What is
 * told later is looked at like any change, and a write by old news is refused, since it is tied to what was observed.
 */
export interface YoungNamespaces {
  /** A watch told of a change. */
  hear(query: WatchQuery, change: WatchedChange, now: number): void;
  /** What is in a namespace; `undefined` where that is not known. */
  told(namespace: string, now: number): Observed | undefined;
  /** LISTs showed what is in namespaces, or in all there are: what was told of them before may be older. */
  listed(namespaces: Iterable<string>, all: boolean): void;
  /** A watch lost its place: nobody knows what was not told. */
  forget(): void;
}

interface Entry {
  since: number;
  /** Not where it was only told of something in it. */
  namespace?: NamespaceRecord;
  secrets: Map<string, SecretRecord>;
  serviceAccounts: Map<string, ServiceAccountRecord>;
}

export function createYoungNamespaces(): YoungNamespaces {
  const young = new Map<string, Entry>();
  /** The others, by name: what is told of them late is not all that there is in them. */
  let grown = new Set<string>();

  const growUp = (name: string) => {
    young.delete(name);
    grown.add(name);
  };
  const passTime = (now: number) => {
    // The oldest first.
    for (const [name, { since }] of young) {
      if (now - since < youth) break;
      growUp(name);
    }
  };

  return {
    hear({ resource, namespace: place }, { namespace, name, gone, isNew, object }, now) {
      // Only sources and the configuration are watched in one namespace.
      if (place !== undefined) return;
      passTime(now);
      if (resource === 'namespaces' && gone) growUp(namespace);
      if (grown.has(namespace)) return;
      if (isNew && !young.has(namespace)) young.set(namespace, newEntry(now));
      const entry = young.get(namespace);
      // What is not new was there before the watches told of it.
      if (!entry) return;
      if (object) put(object, entry);
      else if (resource === 'secrets') entry.secrets.delete(name);
      else entry.serviceAccounts.delete(name);
    },
    told(namespace, now) {
      passTime(now);
      const entry = young.get(namespace);
      if (!entry?.namespace) return undefined;
      const { secrets, serviceAccounts } = entry;
      return {
        namespaces: [entry.namespace],
        secrets: [...secrets.values()],
        serviceAccounts: [...serviceAccounts.values()],
      };
    },
    listed(namespaces, all) {
      if (all) grown = new Set();
      for (const name of namespaces) growUp(name);
    },
    forget: () => young.clear(),
  };
}

function newEntry(since: number): Entry {
  return { since, secrets: new Map(), serviceAccounts: new Map() };
}

function put(object: WatchedObject, entry: Entry): void {
  if ('namespace' in object) entry.namespace = object.namespace;
  else if ('secret' in object) entry.secrets.set(object.secret.name, object.secret);
  else entry.serviceAccounts.set(object.serviceAccount.name, object.serviceAccount);
}
