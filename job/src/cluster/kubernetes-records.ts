import type { V1Namespace, V1ObjectMeta, V1Pod, V1Secret, V1ServiceAccount } from '@kubernetes/client-node';
import { copyType, dockerConfigKeys } from '../credentials/docker-config.ts';
import { marks } from '../plan/marks.ts';
import type { NamespaceRecord, ObjectVersion, PodRecord, SecretRecord, ServiceAccountRecord } from './cluster.ts';
import type { Raw } from './kubernetes-requests.ts';

export function namespaceRecord({ metadata, status }: Raw<V1Namespace>): NamespaceRecord {
  return {
    name: metadata?.name ?? '',
    labels: metadata?.labels ?? {},
    annotations: metadata?.annotations ?? {},
    terminating: metadata?.deletionTimestamp !== undefined || status?.phase === 'Terminating',
  };
}

export function secretRecord({ metadata, type, immutable, data }: Raw<V1Secret>): SecretRecord {
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    ...version(metadata),
    type: type ?? '',
    immutable: immutable === true,
    labels: metadata?.labels ?? {},
    annotations: metadata?.annotations ?? {},
    content: data?.[dockerConfigKeys[copyType]],
    managers: (metadata?.managedFields ?? []).map(({ manager }) => manager ?? '').filter((manager) => manager !== ''),
    owners: (metadata?.ownerReferences ?? []).map(({ kind, name }) => `${kind} ${name}`),
  };
}

export function serviceAccountRecord(account: Raw<V1ServiceAccount>): ServiceAccountRecord {
  const { metadata, imagePullSecrets } = account;
  const writers = writesOfList(account);
  const declarer = writers.find(({ operation, manager }) => operation === 'Apply' && manager !== marks.fieldManager);
  const times = writers.flatMap(({ time }) => (time === undefined ? [] : Date.parse(time)));
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    ...version(metadata),
    annotations: metadata?.annotations ?? {},
    imagePullSecrets: (imagePullSecrets ?? []).map(({ name }) => name ?? ''),
    listAppliedBy: declarer?.manager,
    listChangedAt: times.length > 0 ? Math.max(...times) : undefined,
  };
}

/** Who wrote the list of a ServiceAccount, or wrote it and what he owns beside it; the last one last. */
export function listWriters(account: Raw<V1ServiceAccount>): string[] {
  return writesOfList(account)
    .toSorted((one, other) => Date.parse(one.time ?? '') - Date.parse(other.time ?? ''))
    .map(({ manager }) => manager ?? '');
}

function writesOfList({ metadata }: Raw<V1ServiceAccount>) {
  return (metadata?.managedFields ?? []).filter(
    ({ fieldsV1 }) => fieldsV1 !== undefined && 'f:imagePullSecrets' in fieldsV1,
  );
}

export function podRecord({ metadata, spec, status }: Raw<V1Pod>): PodRecord {
  const images = new Map(
    [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ name, image = '' }) => [name, image]),
  );
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    ...version(metadata),
    serviceAccount: spec?.serviceAccountName ?? 'default',
    imagePullSecrets: (spec?.imagePullSecrets ?? []).map(({ name }) => name ?? ''),
    controller: owner && { kind: owner.kind, name: owner.name },
    createdAt: Date.parse(metadata?.creationTimestamp ?? '') || 0,
    terminating: metadata?.deletionTimestamp !== undefined,
    waiting: containers.flatMap(({ name, state }) => {
      const reason = state?.waiting?.reason;
      return reason === undefined ? [] : [{ reason, image: images.get(name) ?? '' }];
    }),
  };
}

export function version(metadata: Raw<V1ObjectMeta> | undefined): ObjectVersion {
  return { uid: metadata?.uid ?? '', resourceVersion: metadata?.resourceVersion ?? '' };
}
