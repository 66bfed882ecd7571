import type { Problem } from '../problem.ts';
import { certificateRemedy } from './certificate-fault.ts';

/** What an API server's refusal means for the engine. */
export type ClusterErrorKind =
  /** No answer, or none in time. A write may or may not have taken effect. */
  | 'unreachable'
  /** The server shows a certificate that cannot be trusted, so nothing was sent. */
  | 'untrusted'
  /** The server does not accept who we are (401). */
  | 'unauthorized'
  /** A right is missing (RBAC). */
  | 'forbidden'
  /** A ResourceQuota is exhausted. */
  | 'quota'
  /** An admission policy or webhook said no. */
  | 'denied'
  /** An admission webhook does not answer, and its failurePolicy makes that a no. The write took no effect. */
  | 'webhookFailed'
  /** The namespace is being deleted, or gone. */
  | 'namespaceGone'
  /** The object is not there. */
  | 'notFound'
  /** The object appeared or changed since it was observed. */
  | 'conflict'
  /** The object cannot be what we want it to be (422). */
  | 'invalid'
  /** The object, or the request, is larger than the server takes (413, 422). */
  | 'tooLarge'
  /** A LIST's continue token expired between two pages, again and again, or a watch began too far back (410). */
  | 'expired'
  /** Too many requests, still after retries (429). */
  | 'throttled'
  /** A fault in the server (5xx). A write may or may not have taken effect. */
  | 'server'
  /** The run was told to stop. */
  | 'interrupted';

/** A request, as errors name it. */
export interface RequestName {
  verb: 'list' | 'watch' | 'get' | 'create' | 'patch' | 'delete';
  resource:
    | 'namespaces'
    | 'secrets'
    | 'serviceaccounts'
    | 'configmaps'
    | 'pods'
    | 'pods/eviction'
    | 'events'
    | 'cronjobs'
    | 'jobs'
    | 'deployments'
    | 'replicasets'
    | 'mutatingadmissionpolicybindings';
  name?: string | undefined;
  namespace?: string | undefined;
}

/** The only error that a `Cluster` rejects with. Its message names the request and the reason, never an object's content. */
export class ClusterError extends Error {
  override name = 'ClusterError';
  readonly kind: ClusterErrorKind;
  readonly request: RequestName;
  readonly status: number | undefined;

  constructor(kind: ClusterErrorKind, request: RequestName, reason: string, status?: number, options?: ErrorOptions) {
    super(`cannot ${describe(request)}: ${reason}`, options);
    this.kind = kind;
    this.request = request;
    this.status = status;
  }

  /** Whether a write that failed like this may have taken effect all the same. */
  get ambiguous(): boolean {
    return this.kind === 'unreachable' || this.kind === 'server';
  }
}

/** An error as a problem of the run. */
export function problemOf(error: ClusterError): Problem {
  return { message: error.message, fix: remedy(error) };
}

/** What to do about an error, in one sentence; for people. */
export function remedy(error: ClusterError): string {
  const { kind, request, message } = error;
  switch (kind) {
    case 'unreachable':
      return 'check that the API server runs and that its address, the proxy settings and network policies let this program reach it';
    case 'untrusted':
      return certificateRemedy(message);
    case 'unauthorized':
      return 'check that the token or client certificate is valid and not expired';
    case 'forbidden':
      return `grant the rule ${missingRule(error)}, e.g. by upgrading the release so that its RBAC matches its configuration`;
    case 'quota':
      return `raise the ResourceQuota of namespace ${request.namespace} or exclude the namespace`;
    case 'denied':
      return message.includes(guardWords)
        ? 'upgrade the release, so that its guard fits its configuration; exempt pullsecret-sync in any webhook that changes the object in the same request; or set guardPolicy.enabled: false'
        : `exempt pullsecret-sync in ${refuser(message)}, or exclude the namespace`;
    case 'webhookFailed':
      return `make ${refuser(message)} answer again, exempt the namespace in its configuration, or exclude the namespace`;
    case 'invalid':
      return 'this is a fault of the program, or an API server that it does not know: please report it';
    case 'tooLarge':
      return 'give fewer registries to one target; a Secret holds 1 MiB at most, and keys that others added to it count too';
    case 'expired':
      return 'look at the load of the API server and its etcd; the next run tries again';
    case 'throttled':
      return 'lower "concurrency", or look at what else loads the API server';
    case 'conflict':
      return 'something else keeps changing the object; find out who (its managedFields name the writer)';
    case 'interrupted':
      return 'run it again; the next run goes on where this one stopped';
    case 'server':
    case 'notFound':
    case 'namespaceGone':
      return 'look at the API server; the next run tries again';
  }
}

/** With what the refusals of the chart's own guard begin. */
const guardWords = 'pullsecret-sync never does this (guardPolicy)';

/** The policy or webhook that a refusal names. */
function refuser(message: string): string {
  const webhook = /admission webhook "([^"]+)"/.exec(message)?.[1];
  if (webhook !== undefined) return `the admission webhook "${webhook}"`;
  const policy = /(?:AdmissionPolicy|policy) '([^']+)'/i.exec(message)?.[1];
  return policy === undefined ? 'that policy' : `the admission policy "${policy}"`;
}

/** API groups of the resources that are not in the core group. */
const apiGroups: Partial<Record<RequestName['resource'], string>> = {
  deployments: 'apps',
  replicasets: 'apps',
  cronjobs: 'batch',
  events: 'events.k8s.io',
  jobs: 'batch',
  mutatingadmissionpolicybindings: 'admissionregistration.k8s.io',
};

/** The RBAC rule that a refused request needs, in YAML's flow form. */
export function missingRule({ request: { verb, resource, name }, message }: ClusterError): string {
  const refused = /cannot (\w+) resource/.exec(message)?.[1] ?? verb;
  // Pods have any name, so their rights have none.
  const names = name === undefined || resource === 'pods/eviction' ? '' : `, resourceNames: [${name}]`;
  return `{apiGroups: ["${apiGroups[resource] ?? ''}"], resources: [${resource}]${names}, verbs: [${refused}]}`;
}

/** A resource as kubectl names it, with its API group. */
export function groupedResource({ resource }: RequestName): string {
  const group = apiGroups[resource];
  return group === undefined ? resource : `${resource}.${group}`;
}

function describe({ verb, resource, name, namespace }: RequestName): string {
  const what = name === undefined ? resource : `${resource} "${name}"`;
  return `${verb} ${what} ${namespace === undefined ? 'in all namespaces' : `in namespace ${namespace}`}`;
}
