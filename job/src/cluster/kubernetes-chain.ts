import type {
  EventsV1Event,
  V1CronJob,
  V1Deployment,
  V1Namespace,
  V1Pod,
  V1ReplicaSet,
  V1Secret,
  V1ServiceAccount,
} from '@kubernetes/client-node';
import type { ChainCluster, FoundPod, FoundSecret } from '../chain/chain-cluster.ts';
import type { ContainerSeen, PodEvent, ServiceAccountSeen } from '../chain/observed.ts';
import { dockerConfigKeys } from '../credentials/docker-config.ts';
import { ClusterError, type RequestName } from './cluster-error.ts';
import type { ApiClient } from './connection.ts';
import { createKubernetesCluster } from './kubernetes.ts';
import { listWriters, namespaceRecord, podRecord, secretRecord, serviceAccountRecord } from './kubernetes-records.ts';
import { byName, orNotFound, type Raw, requestsOf } from './kubernetes-requests.ts';

/** What the kubelet tells of images and pull secrets. Source: k8s.io/kubernetes, pkg/kubelet/events and kubelet.go. */
const imageEvents = new Set([
  'Failed',
  'BackOff',
  'InspectFailed',
  'ErrImageNeverPull',
  'FailedToRetrieveImagePullSecret',
]);

export function createChainCluster(client: ApiClient, signal: AbortSignal): ChainCluster {
  const requests = requestsOf(client.send, signal);

  /** People may mostly get an object; the job may only list it by its name. */
  const find = async <Item, Small>(
    request: Omit<RequestName, 'verb'> & { name: string },
    record: (item: Raw<Item>) => Small,
  ): Promise<Small | undefined> => {
    try {
      const found = await orNotFound(requests.read<Item>({ verb: 'get', ...request }));
      return found && record(found);
    } catch (refusal) {
      if (!(refusal instanceof ClusterError)) throw refusal;
      // A LIST in it would tell of none, as in a namespace that is there.
      if (refusal.kind === 'namespaceGone') return undefined;
      if (refusal.kind !== 'forbidden') throw refusal;
      const list = requests.list<Item, Small>({ verb: 'list', ...request }, record, byName(request.name));
      const [listed] = await list.catch((error) => {
        throw error instanceof ClusterError && error.kind === 'forbidden' ? refusal : error;
      });
      return listed;
    }
  };

  return {
    ...createKubernetesCluster(client, signal),

    findNamespace: (name) =>
      find<V1Namespace, ReturnType<typeof namespaceRecord>>({ resource: 'namespaces', name }, namespaceRecord),
    findSecret: (namespace, name) => find<V1Secret, FoundSecret>({ resource: 'secrets', namespace, name }, foundSecret),
    findServiceAccount: (namespace, name) =>
      find<V1ServiceAccount, ServiceAccountSeen>({ resource: 'serviceaccounts', namespace, name }, serviceAccountSeen),
    findServiceAccounts: (namespace) =>
      requests.list({ verb: 'list', resource: 'serviceaccounts', namespace }, serviceAccountSeen),
    findPod: (namespace, name) => find<V1Pod, FoundPod>({ resource: 'pods', namespace, name }, foundPod),
    findPods: (namespace) => requests.list({ verb: 'list', resource: 'pods', namespace }, foundPod),

    ownerOfReplicaSet: (namespace, name) =>
      find<V1ReplicaSet, { kind: string; name: string } | undefined>(
        { resource: 'replicasets', namespace, name },
        ({ metadata }) => metadata?.ownerReferences?.find(({ controller }) => controller === true),
      ),

    async findPodEvents(namespace, uid) {
      const query = { fieldSelector: `regarding.uid=${uid}` };
      const events = await requests.list({ verb: 'list', resource: 'events', namespace }, podEvent, query);
      return events.filter(({ reason }) => imageEvents.has(reason)).toSorted((one, other) => one.at - other.at);
    },

    findCronJob: (namespace, name) =>
      find({ resource: 'cronjobs', namespace, name }, ({ spec, status }: Raw<V1CronJob>) => ({
        suspended: spec?.suspend === true,
        startedAt: status?.lastScheduleTime === undefined ? undefined : Date.parse(status.lastScheduleTime),
      })),

    findFollower: (namespace, name) =>
      find({ resource: 'deployments', namespace, name }, ({ status }: Raw<V1Deployment>) => ({
        ready: (status?.readyReplicas ?? 0) > 0,
      })),
  };
}

function foundSecret(secret: Raw<V1Secret>): FoundSecret {
  const key = dockerConfigKeys[secret.type as keyof typeof dockerConfigKeys];
  return { record: secretRecord(secret), held: key === undefined ? undefined : secret.data?.[key] };
}

function serviceAccountSeen(account: Raw<V1ServiceAccount>): ServiceAccountSeen {
  return { ...serviceAccountRecord(account), listWriters: listWriters(account) };
}

function foundPod(pod: Raw<V1Pod>): FoundPod {
  const { spec, status } = pod;
  const conditions = status?.conditions ?? [];
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
  const isWaiting = spec?.nodeName === undefined;
  return {
    ...podRecord(pod),
    phase: status?.phase ?? 'Unknown',
    unscheduled: isWaiting ? (scheduled?.message ?? 'the scheduler has not looked at it yet') : undefined,
    containers: containersOf(pod),
  };
}

function containersOf({ spec, status }: Raw<V1Pod>): ContainerSeen[] {
  const statuses = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ];
  const containers = [
    ...(spec?.initContainers ?? []),
    ...(spec?.containers ?? []),
    ...(spec?.ephemeralContainers ?? []),
  ];
  return containers.map(({ name, image = '' }) => {
    const { state, imageID = '' } = statuses.find((one) => one.name === name) ?? {};
    const { waiting } = state ?? {};
    return {
      name,
      image,
      waiting: waiting && { reason: waiting.reason ?? '', message: waiting.message ?? '' },
      hasImage: imageID !== '' || state?.running !== undefined || state?.terminated !== undefined,
    };
  });
}

function podEvent(event: Raw<EventsV1Event>): PodEvent {
  const { reason = '', note = '', series, deprecatedLastTimestamp, eventTime } = event;
  const at = Date.parse(series?.lastObservedTime ?? deprecatedLastTimestamp ?? eventTime ?? '');
  return { reason, note, at: Number.isNaN(at) ? 0 : at };
}
