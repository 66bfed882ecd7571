/**
 * What the engine needs of a cluster. The one implementation that talks to an API server is `kubernetes.ts`;
 * the engine depends on this interface only, so that it can run against a model in memory.
 *
 * Records hold what the engine looks at and nothing else: a cluster with 10,000 namespaces has to fit a small pod.
 * Every method rejects with a `ClusterError`.
 */
export interface Cluster {
  /** Every namespace, or the one of that name (none where it does not exist). */
  listNamespaces(query?: { name?: string }): Promise<NamespaceRecord[]>;
  /** The Secrets of one name, in every namespace or in one. Rights are by name, so there is no listing of all. */
  listSecrets(query: { name: string; namespace?: string }): Promise<SecretRecord[]>;
  /** ServiceAccounts, of one name where only that is wanted, in every namespace or in one. */
  listServiceAccounts(query: { name?: string; namespace?: string }): Promise<ServiceAccountRecord[]>;

  /** The version of what a query finds now, from which on it can be watched. */
  latestVersion(query: WatchQuery): Promise<string>;
  /**
   * Tells of every change after a version, in order. Resolves where the server ends the watch, as it does every few
   * minutes; it can be taken up again at the last version that was told. Rejects with `expired` where the server knows
   * no more what changed since a version.
   */
  watch(query: WatchQuery, options: WatchOptions): Promise<void>;

  /**
   * Creates a copy; a `conflict` where a Secret of that name exists by now, whatever it holds. Resolves to its version, as
   * the other writes of copies and references do.
   */
  createSecret(secret: SecretContent): Promise<ObjectVersion>;
  /** Updates the very object that was observed, in place; a `conflict` where it changed since. */
  updateSecret(secret: SecretContent, observed: ObjectVersion): Promise<ObjectVersion>;
  /** Deletes the very object that was observed; a `conflict` where it changed since, or another has its name by now. */
  deleteSecret(secret: { namespace: string; name: string; observed: ObjectVersion }): Promise<void>;
  /**
   * Takes labels and annotations off a Secret, and all ownerReferences where `owners` says so, and leaves the rest of it; a
   * `conflict` where it changed since.
   */
  unmarkSecret(secret: SecretUnmark): Promise<ObjectVersion>;
  /** Replaces the list of a ServiceAccount if it still is at `resourceVersion`. */
  patchServiceAccount(patch: ServiceAccountPatch): Promise<ObjectVersion>;

  /** A Secret's type and data by key (base64, as the API gives it); `undefined` where there is none. */
  readSecret(namespace: string, name: string): Promise<SourceSecret | undefined>;
  /** A ConfigMap's data; `undefined` where there is none. */
  readConfigMap(namespace: string, name: string): Promise<ConfigMapRecord | undefined>;
  /**
   * Writes a ConfigMap of our own if it still is at the version that was observed, or still is not there; else it is a
   * `conflict`.
   */
  applyConfigMap(configMap: ConfigMapApply): Promise<void>;
  /** Deletes a ConfigMap, if there is one. */
  deleteConfigMap(namespace: string, name: string): Promise<void>;

  /** Sets annotations of a ConfigMap, if there is one; `null` removes one. */
  annotateConfigMap(namespace: string, name: string, annotations: Record<string, string | null>): Promise<void>;

  /** The pods that are Pending, in every namespace. */
  listPendingPods(): Promise<PodRecord[]>;
  /** Evicts the very pod that was observed; `throttled` where a disruption budget keeps it. */
  evictPod(pod: { namespace: string; name: string; observed: ObjectVersion }): Promise<void>;

  /** An Event of ours; `undefined` where there is none, or none any more. */
  readEvent(namespace: string, name: string): Promise<EventRecord | undefined>;
  /** Creates an Event about a namespace, in it; a `conflict` where it exists by now. */
  createEvent(event: EventContent): Promise<void>;
  /** Says that what an Event tells is so again; a `conflict` where it changed since. */
  repeatEvent(event: EventRepetition): Promise<void>;
  /** Deletes the very Event that was observed; a `conflict` where it changed since. */
  deleteEvent(event: { namespace: string; name: string; observed: ObjectVersion }): Promise<void>;

  /** Suspends a CronJob, or lets it go on; whether it is there and that changed anything. */
  suspendCronJob(namespace: string, name: string, suspend: boolean): Promise<boolean>;
  /** Ends the Jobs that a CronJob started; the names of those that are there. */
  endJobs(namespace: string, cronJob: string): Promise<string[]>;
  /** Deletes a Deployment with its pods; whether it is still there: it goes after the last of them. */
  deleteDeployment(namespace: string, name: string): Promise<boolean>;
  /** Takes the binding of an admission policy away, if there is one, and resolves to what puts it back as it was. */
  unbindPolicy(name: string): Promise<() => Promise<void>>;
}

/** Objects to watch: those of one name where only that is wanted, in every namespace or in one. */
export interface WatchQuery {
  resource: 'namespaces' | 'secrets' | 'serviceaccounts' | 'configmaps';
  name?: string;
  namespace?: string;
}

export interface WatchOptions {
  /** After which version. */
  from: string;
  tell(event: WatchEvent): void;
  /** Ends the watch, which then rejects with `interrupted`. */
  signal: AbortSignal;
}

/** How far a watch has come, and what changed there; nothing where it tells the version only. */
export interface WatchEvent {
  version: string;
  change?: WatchedChange;
}

/** Which object changed, and what it is now. */
export interface WatchedChange {
  /** A namespace lies in itself. */
  namespace: string;
  name: string;
  /** It is deleted, or a namespace that is being deleted. */
  gone: boolean;
  /** It came to be by this change. */
  isNew: boolean;
  /** What it is now, unless it is gone, or of a resource that no look at namespaces is about. */
  object?: WatchedObject;
}

export type WatchedObject =
  | { namespace: NamespaceRecord }
  | { secret: SecretRecord }
  | { serviceAccount: ServiceAccountRecord };

export interface NamespaceRecord {
  name: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** It is being deleted: nothing can be created in it any more. */
  terminating: boolean;
}

export interface SecretRecord extends ObjectVersion {
  namespace: string;
  name: string;
  type: string;
  immutable: boolean;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** The value of `.dockerconfigjson` in base64; `undefined` where there is no such key. */
  content: string | undefined;
  /** Who wrote it last, by their field managers' names, for messages. */
  managers: string[];
  /** The objects with which Kubernetes deletes it, as `<kind> <name>`. */
  owners: string[];
}

export interface ServiceAccountRecord extends ObjectVersion {
  namespace: string;
  name: string;
  annotations: Record<string, string>;
  imagePullSecrets: string[];
  /** Another tool that declares the list by server-side apply, if any. Our patch would fail that tool's next apply. */
  listAppliedBy: string | undefined;
  /** When somebody changed the list last, or anything that he owns beside it: milliseconds. `undefined`: not known. */
  listChangedAt: number | undefined;
}

export interface PodRecord extends ObjectVersion {
  namespace: string;
  name: string;
  serviceAccount: string;
  imagePullSecrets: string[];
  /** What made it, and makes another one when it goes. */
  controller: { kind: string; name: string } | undefined;
  /** Milliseconds. */
  createdAt: number;
  terminating: boolean;
  /** Containers that do not run yet, init containers too: why, and the image as the pod names it. */
  waiting: Array<{ reason: string; image: string }>;
}

/** Which object, and which state of it. */
export interface ObjectVersion {
  uid: string;
  resourceVersion: string;
}

/** All that the job says of a copy. */
export interface SecretContent {
  namespace: string;
  name: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** The value of `.dockerconfigjson` in base64. */
  content: string;
}

export interface SecretUnmark {
  namespace: string;
  name: string;
  resourceVersion: string;
  labels: string[];
  annotations: string[];
  owners: boolean;
}

export interface ServiceAccountPatch {
  namespace: string;
  name: string;
  resourceVersion: string;
  imagePullSecrets: string[];
  /** Annotations to set; `null` removes one. */
  annotations: Record<string, string | null>;
}

export interface SourceSecret extends ObjectVersion {
  type: string;
  data: Record<string, string>;
}

export interface ConfigMapRecord extends ObjectVersion {
  annotations: Record<string, string>;
  data: Record<string, string>;
}

export interface ConfigMapApply {
  namespace: string;
  name: string;
  /** `undefined`: there was none. */
  observed: ObjectVersion | undefined;
  labels: Record<string, string>;
  data: Record<string, string>;
}

export interface EventRecord extends ObjectVersion {
  note: string;
  /** How often it was written. */
  count: number;
  /** When it was written last: milliseconds. */
  lastObserved: number;
}

export interface EventContent {
  namespace: string;
  name: string;
  reason: string;
  action: string;
  note: string;
  /** Which release says so. */
  reporter: string;
  time: Date;
}

export interface EventRepetition {
  namespace: string;
  name: string;
  observed: ObjectVersion;
  count: number;
  time: Date;
}
