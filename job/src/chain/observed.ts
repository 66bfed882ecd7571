import type { NamespaceRecord, PodRecord, SecretRecord, ServiceAccountRecord } from '../cluster/cluster.ts';
import type { ClusterError } from '../cluster/cluster-error.ts';
import type { Config } from '../config/config.ts';
import type { LoadedTarget } from '../credentials/sources.ts';
import type { RefusedLogin } from '../registry/refused-logins.ts';
import type { LastRun } from '../report/status-text.ts';

/** What was looked at, or why it could not be: people have few rights, and each is missing by itself. */
export type Seen<T> = { is: T } | { not: ClusterError };

/** All that a walk goes by. */
export interface Observed {
  config: Config;
  now: Date;
  /** What was asked for; without a pod it is about all that wait for an image. */
  asked: { namespace: string; pod?: string };
  runs: Runs;
  targets: SeenTarget[];
  /** `undefined`: there is none of that name. */
  namespace: Seen<NamespaceRecord | undefined>;
  /** Of other names like the one that was asked for, where there is none of that name. */
  similar: string[];
  /** The Secrets of the namespace that the targets or the pods name. */
  secrets: ReadonlyMap<string, Seen<PullSecretSeen | undefined>>;
  /** Those of the namespace that the targets or the pods name. */
  serviceAccounts: Seen<ServiceAccountSeen[]>;
  /** None where none was asked for and none waits. */
  pods: Seen<PodSeen[]>;
  /** How many more wait, which are not looked at. */
  morePods: number;
}

/** What of a release runs by itself. */
export interface Runs {
  /** `undefined`: there is none. Absent: the configuration names none. */
  cronJob?: Seen<CronJobRecord | undefined>;
  follower?: Seen<FollowerRecord | undefined>;
  /** Until when runs stand still (ISO 8601). */
  standStillUntil?: string;
  lastRun: Seen<LastRun | undefined>;
  refusedLogins: RefusedLogin[];
}

export interface CronJobRecord {
  suspended: boolean;
  /** When it started a run last: milliseconds. */
  startedAt: number | undefined;
}

export interface FollowerRecord {
  ready: boolean;
}

/** A target and what its sources gave to the person who asks. */
export interface SeenTarget extends LoadedTarget {
  /** Why a source could not be read. It may be in order all the same. */
  unread: ClusterError | { says: string } | undefined;
}

/** A Secret as a pull secret. Its content is for comparing only. */
export interface PullSecretSeen {
  record: SecretRecord;
  /** The registries that the kubelet finds a login for in it. */
  registries: string[];
}

export interface ServiceAccountSeen extends ServiceAccountRecord {
  /** Who wrote the list, the last one last, by their field managers' names. */
  listWriters: string[];
}

export interface PodSeen extends PodRecord {
  /** `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`. */
  phase: string;
  /** Why no node has it, in the scheduler's words; `undefined`: one has. */
  unscheduled: string | undefined;
  containers: ContainerSeen[];
  /** The workload that people change to change the pod, such as the Deployment above its ReplicaSet. */
  workload: { kind: string; name: string } | undefined;
  /** What is told of its images, the last one last. */
  events: Seen<PodEvent[]>;
}

export interface ContainerSeen {
  name: string;
  image: string;
  /** Why it does not run yet, in the kubelet's words. */
  waiting: { reason: string; message: string } | undefined;
  /** Its image is on the node: it runs, or ran. */
  hasImage: boolean;
}

export interface PodEvent {
  reason: string;
  note: string;
  /** When it was told last: milliseconds. */
  at: number;
}
