import type { EventRecord, NamespaceRecord, PodRecord } from '../../job/src/cluster/cluster.ts';
import { ClusterError, type ClusterErrorKind, type RequestName } from '../../job/src/cluster/cluster-error.ts';
import { type Owned, sameOwned } from './fields.ts';

export type Resource = 'secrets' | 'serviceaccounts' | 'configmaps';

/** One object as the model keeps it. Each write makes a new one. */
export interface StoredObject extends Owned {
  resource: Resource;
  namespace: string;
  name: string;
  uid: string;
  resourceVersion: string;
  /** Of a ServiceAccount: the version at which its list changed last. */
  listChangedAt?: number;
}

/** A change as a watch tells of it. */
export interface Happening {
  version: number;
  resource: Resource | 'namespaces';
  namespace: string;
  name: string;
  gone: boolean;
  isNew: boolean;
  /** What it is then, unless it is gone. */
  object?: StoredObject | NamespaceRecord;
  /** How many writes there were until then. */
  at: number;
}
/** A pod as it is put into the model, and whether its list of pull secrets is its own. */
export type ModelPod = Omit<PodRecord, 'uid' | 'resourceVersion' | 'createdAt'> & { ownList?: boolean };

/** A write that took effect. */
export interface Change {
  actor: string;
  before: StoredObject | undefined;
  after: StoredObject | undefined;
}

export interface Place {
  resource: Resource;
  namespace: string;
  name: string;
}

/**
 * The state of an API server in memory, with its rules for writes. `engineView` in `cluster-model.ts` is what the
 * engine sees of it, `people.ts` what everybody else does to it.
 */
export class Model {
  readonly namespaces: ReadonlyMap<string, NamespaceRecord>;
  /** Namespaces whose quota allows no further Secret. */
  readonly quotas = new Set<string>();
  /** Namespaces in which an admission policy denies every write of a Secret or ServiceAccount. */
  readonly denials = new Set<string>();
  onChange: (change: Change) => void = () => {};
  /** All that a watch may tell of, in order. */
  readonly history: Happening[] = [];
  readonly watchers = new Set<(happening: Happening) => void>();
  readonly #namespaces = new Map<string, NamespaceRecord>();
  /** By `<namespace>/<name>`. */
  readonly events = new Map<string, EventRecord>();
  onEvent: (actor: string, key: string, note: string) => void = () => {};
  onEviction: (actor: string, pod: PodRecord) => void = () => {};
  readonly #objects = new Map<string, StoredObject>();
  readonly #pods = new Map<string, PodRecord>();
  /** By uid: the pods that name pull secrets of their own. */
  readonly #ownLists = new Set<string>();
  /** Above 1, which is no object's version: `createSecret` relies on it. */
  #version = 1;
  #writes = 0;

  constructor() {
    this.namespaces = this.#namespaces;
  }

  /** How many writes there were: a moment in its life. */
  get writes(): number {
    return this.#writes;
  }

  /** How many writes there were when what has that version happened. */
  writesUntil(version: string): number {
    return this.history.findLast((happening) => String(happening.version) === version)?.at ?? 0;
  }

  get version(): number {
    return this.#version;
  }

  putNamespace(namespace: NamespaceRecord): void {
    this.#version += 1;
    this.#writes += 1;
    const { name, terminating } = namespace;
    const isNew = !this.#namespaces.has(name);
    this.#namespaces.set(name, namespace);
    this.#tell({
      ...{ resource: 'namespaces', namespace: name, name, gone: terminating, isNew },
      ...(terminating ? {} : { object: namespace }),
    });
  }

  removeNamespace(name: string): void {
    this.#version += 1;
    this.#writes += 1;
    if (this.#namespaces.delete(name)) {
      this.#tell({ resource: 'namespaces', namespace: name, name, gone: true, isNew: false });
    }
  }

  get({ resource, namespace, name }: Place): StoredObject | undefined {
    return this.#objects.get(`${resource}/${namespace}/${name}`);
  }

  /** Sorted by namespace and name, as a LIST is. */
  list(resource: Resource, { name, namespace }: { name?: string | undefined; namespace?: string | undefined }) {
    const found: StoredObject[] = [];
    for (const object of this.#objects.values()) {
      if (object.resource !== resource) continue;
      if (name !== undefined && object.name !== name) continue;
      if (namespace !== undefined && object.namespace !== namespace) continue;
      found.push(object);
    }
    return found.sort((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name));
  }

  /** Creates or changes an object, if the rules allow it. */
  write(actor: string, request: RequestName, place: Place, owned: Owned): void {
    const before = this.get(place);
    if (!before) this.admitCreation(request, place);
    else {
      refuseFixedFields(before, owned, request);
      this.#refuseDenied(request, place);
      if (sameOwned(before, owned)) return;
    }
    this.#version += 1;
    const version = String(this.#version);
    const { resource, namespace, name } = place;
    const { fields, owners } = owned;
    this.#store({
      actor,
      before,
      after: {
        resource,
        namespace,
        name,
        uid: before?.uid ?? `uid-${version}`,
        resourceVersion: version,
        fields,
        owners,
        ...(resource === 'serviceaccounts' ? { listChangedAt: listChangedAt(before, owned, this.#version) } : {}),
      },
    });
  }

  /** What a namespace, a policy and a quota say before it is known whether the object exists. */
  admitCreation(request: RequestName, place: Place): void {
    const { resource, namespace } = place;
    const found = this.namespaces.get(namespace);
    if (!found || found.terminating) throw refusal('namespaceGone', request);
    this.#refuseDenied(request, place);
    if (resource === 'secrets' && this.quotas.has(namespace)) throw refusal('quota', request);
  }

  remove(actor: string, object: StoredObject): void {
    this.#version += 1;
    this.#store({ actor, before: object, after: undefined });
  }

  nextVersion(): string {
    this.#version += 1;
    return String(this.#version);
  }

  podsIn(namespace: string): PodRecord[] {
    return this.pods().filter((pod) => pod.namespace === namespace);
  }

  pods(): PodRecord[] {
    return [...this.#pods.values()];
  }

  pod(namespace: string, name: string): PodRecord | undefined {
    return this.#pods.get(`${namespace}/${name}`);
  }

  hasOwnList({ uid }: PodRecord): boolean {
    return this.#ownLists.has(uid);
  }

  /** A pod appears, or one that has an age changes. Its age is the version at which it was made. */
  putPod({ ownList, ...pod }: ModelPod & { uid?: string; createdAt?: number }): void {
    this.#version += 1;
    const { uid = `uid-${this.#version}`, createdAt = this.#version } = pod;
    if (ownList) this.#ownLists.add(uid);
    this.#pods.set(`${pod.namespace}/${pod.name}`, {
      ...pod,
      uid,
      createdAt,
      resourceVersion: String(this.#version),
    });
  }

  evict(actor: string, pod: PodRecord): void {
    this.onEviction(actor, pod);
    this.removePod(pod);
  }

  removePod({ namespace, name }: PodRecord): void {
    this.#pods.delete(`${namespace}/${name}`);
  }

  #store(change: Change): void {
    const { resource, namespace, name } = (change.after ?? change.before) as StoredObject;
    const key = `${resource}/${namespace}/${name}`;
    if (change.after) this.#objects.set(key, change.after);
    else this.#objects.delete(key);
    this.#writes += 1;
    this.onChange(change);
    const { before, after } = change;
    this.#tell({ resource, namespace, name, gone: !after, isNew: !before, ...(after && { object: after }) });
  }

  #tell(what: Omit<Happening, 'version' | 'at'>): void {
    const happening = { ...what, version: this.#version, at: this.#writes };
    this.history.push(happening);
    for (const watcher of this.watchers) watcher(happening);
  }

  #refuseDenied(request: RequestName, { resource, namespace }: Place): void {
    if (this.denials.has(namespace) && resource !== 'configmaps') throw refusal('denied', request);
  }
}

function listChangedAt(before: StoredObject | undefined, { fields }: Owned, version: number): number {
  const list = (owned: Owned | undefined) => owned?.fields.get('imagePullSecrets');
  return list(before) === list({ fields, owners: new Map() }) ? (before?.listChangedAt ?? 0) : version;
}

export function refusal(kind: ClusterErrorKind, request: RequestName): ClusterError {
  return new ClusterError(kind, request, 'says the model');
}

/** A Secret's type never changes, nor does the data of one that is immutable. */
function refuseFixedFields(before: StoredObject, after: Owned, request: RequestName): void {
  if (before.resource !== 'secrets') return;
  const changed = (field: string) => before.fields.get(field) !== after.fields.get(field);
  if (changed('type')) throw refusal('invalid', request);
  if (before.fields.get('immutable') !== 'true') return;
  const all = [...before.fields.keys(), ...after.fields.keys()];
  if (all.some((field) => (field === 'immutable' || field.startsWith('data/')) && changed(field))) {
    throw refusal('invalid', request);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
