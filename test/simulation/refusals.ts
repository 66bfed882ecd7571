import type { Cluster } from '../../job/src/cluster/cluster.ts';
import type { RequestName } from '../../job/src/cluster/cluster-error.ts';

/** An answer that is none, or one that an API server gives for reasons of its own. */
export interface Fault {
  text: string;
  /** HTTP; `undefined`: no answer at all. */
  status?: number;
  message?: string;
  /** The transport asks again, and may be let through. */
  retried?: true;
}

const noAnswer: Fault = { text: 'ECONNRESET' };
const timeout: Fault = { text: 'UND_ERR_HEADERS_TIMEOUT' };
const serverFaults: Fault[] = [
  { text: 'InternalError', status: 500 },
  { text: 'ServiceUnavailable', status: 503 },
  { text: 'Timeout', status: 504 },
];

/** What may come instead of a write's answer when it took effect. */
export const afterEffect: Fault[] = [noAnswer, timeout, ...serverFaults];
export const beforeRead: Fault[] = [
  ...afterEffect,
  { text: 'TooManyRequests', status: 429, retried: true },
  { text: 'Unauthorized', status: 401 },
  { text: 'Forbidden', status: 403, message: 'secrets is forbidden: User "someone" cannot do that' },
];
export const beforeWrite: Fault[] = [
  ...beforeRead,
  { text: 'Conflict', status: 409 },
  { text: 'Invalid', status: 422, message: 'is forbidden: ValidatingAdmissionPolicy says no' },
  { text: 'Forbidden', status: 403, message: 'exceeded quota: some' },
];

const requests: Record<keyof Cluster, [RequestName['verb'], RequestName['resource']]> = {
  listNamespaces: ['list', 'namespaces'],
  listSecrets: ['list', 'secrets'],
  listServiceAccounts: ['list', 'serviceaccounts'],
  latestVersion: ['list', 'namespaces'],
  watch: ['watch', 'namespaces'],
  createSecret: ['create', 'secrets'],
  updateSecret: ['patch', 'secrets'],
  deleteSecret: ['delete', 'secrets'],
  unmarkSecret: ['patch', 'secrets'],
  patchServiceAccount: ['patch', 'serviceaccounts'],
  readSecret: ['get', 'secrets'],
  readConfigMap: ['get', 'configmaps'],
  applyConfigMap: ['patch', 'configmaps'],
  deleteConfigMap: ['delete', 'configmaps'],
  annotateConfigMap: ['patch', 'configmaps'],
  listPendingPods: ['list', 'pods'],
  evictPod: ['create', 'pods/eviction'],
  readEvent: ['get', 'events'],
  createEvent: ['create', 'events'],
  repeatEvent: ['patch', 'events'],
  deleteEvent: ['delete', 'events'],
  suspendCronJob: ['patch', 'cronjobs'],
  endJobs: ['delete', 'jobs'],
  deleteDeployment: ['delete', 'deployments'],
  unbindPolicy: ['delete', 'mutatingadmissionpolicybindings'],
};

/** A request as errors name it. The arguments are a query or an object, or a namespace and a name. */
export function requestName(method: keyof Cluster, [first, second]: readonly unknown[]): RequestName {
  const [verb, resource] = requests[method];
  if (typeof first === 'string') return { verb, resource, namespace: first, name: second as string };
  const { namespace, name } = (first ?? {}) as { namespace?: string; name?: string };
  return { verb, resource, namespace, name };
}
