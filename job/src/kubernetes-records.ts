import type { V1Namespace, V1ObjectMeta, V1Secret, V1ServiceAccount } from '@kubernetes/client-node';
import type { NamespaceRecord, ObjectVersion, SecretRecord, ServiceAccountRecord } from './cluster.ts';
import { copyType, dockerConfigKeys } from './docker-config.ts';
import { marks } from './marks.ts';

export function namespaceRecord({ metadata, status }: V1Namespace): NamespaceRecord {
  return {
    name: metadata?.name ?? '',
    labels: metadata?.labels ?? {},
    annotations: metadata?.annotations ?? {},
    terminating: metadata?.deletionTimestamp !== undefined || status?.phase === 'Terminating',
  };
}

export function secretRecord({ metadata, type, immutable, data }: V1Secret): SecretRecord {
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
  };
}

export function serviceAccountRecord({ metadata, imagePullSecrets }: V1ServiceAccount): ServiceAccountRecord {
  const declarer = metadata?.managedFields?.find(
    ({ operation, fieldsV1, manager }) =>
      operation === 'Apply' &&
      manager !== marks.fieldManager &&
      fieldsV1 !== undefined &&
      'f:imagePullSecrets' in fieldsV1,
  );
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    ...version(metadata),
    annotations: metadata?.annotations ?? {},
    imagePullSecrets: (imagePullSecrets ?? []).map(({ name }) => name ?? ''),
    listAppliedBy: declarer?.manager,
  };
}

export function version(metadata: V1ObjectMeta | undefined): ObjectVersion {
  return { uid: metadata?.uid ?? '', resourceVersion: metadata?.resourceVersion ?? '' };
}
