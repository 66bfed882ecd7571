import type { Cluster, NamespaceRecord, SecretRecord } from '../cluster/cluster.ts';
import type { CronJobRecord, FollowerRecord, PodEvent, PodSeen, ServiceAccountSeen } from './observed.ts';

/** A pod before it was asked what belongs to it. */
export type FoundPod = Omit<PodSeen, 'workload' | 'events'>;

/** A Secret of either type of pull secrets. */
export interface FoundSecret {
  record: SecretRecord;
  /** The value of the key of its type in base64. */
  held: string | undefined;
}

/**
 * What a walk looks at, with the rights of the person who asks. It only reads, and asks for one object where it can: people
 * may often do that in their own namespaces, and list none of them all. `undefined`: there is no such object.
 */
export interface ChainCluster extends Pick<Cluster, 'listNamespaces' | 'readConfigMap' | 'readSecret'> {
  findNamespace(name: string): Promise<NamespaceRecord | undefined>;
  findSecret(namespace: string, name: string): Promise<FoundSecret | undefined>;
  findServiceAccount(namespace: string, name: string): Promise<ServiceAccountSeen | undefined>;
  findServiceAccounts(namespace: string): Promise<ServiceAccountSeen[]>;
  findPod(namespace: string, name: string): Promise<FoundPod | undefined>;
  findPods(namespace: string): Promise<FoundPod[]>;
  /** What a ReplicaSet belongs to. */
  ownerOfReplicaSet(namespace: string, name: string): Promise<{ kind: string; name: string } | undefined>;
  /** What is told of a pod's images and pull secrets. */
  findPodEvents(namespace: string, uid: string): Promise<PodEvent[]>;
  findCronJob(namespace: string, name: string): Promise<CronJobRecord | undefined>;
  findFollower(namespace: string, name: string): Promise<FollowerRecord | undefined>;
}
