import type { RequestName } from './cluster-error.ts';

/** Where the API server has the resources that are not in the core group. */
const groupPaths: Partial<Record<RequestName['resource'], string>> = {
  deployments: '/apis/apps/v1',
  replicasets: '/apis/apps/v1',
  cronjobs: '/apis/batch/v1',
  jobs: '/apis/batch/v1',
  events: '/apis/events.k8s.io/v1',
  mutatingadmissionpolicybindings: '/apis/admissionregistration.k8s.io/v1',
};

/**
 * The path of an object, or of a list of them: all of a resource, or those in a namespace. A name chooses one object of a
 * namespace, or one that lies in none; a LIST goes by a selector instead.
 */
export function resourcePath(
  { verb, resource, namespace, name }: RequestName,
  query: Record<string, string> = {},
): string {
  const [collection, subresource] = resource.split('/');
  const ofCollection = verb === 'list' || verb === 'watch' || name === undefined;
  const segments = [
    groupPaths[resource] ?? '/api/v1',
    ...(namespace === undefined ? [] : ['namespaces', encodeURIComponent(namespace)]),
    collection,
    ...(ofCollection ? [] : [encodeURIComponent(name)]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  const parameters = new URLSearchParams(query).toString();
  return segments.join('/') + (parameters === '' ? '' : `?${parameters}`);
}
