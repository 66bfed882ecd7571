import { type ApiRequest, applyType } from './api-requests.ts';
import { releaseNamespace, secretName } from './support.ts';

const team = '/api/v1/namespaces/team-a';
const here = `/api/v1/namespaces/${releaseNamespace}`;
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const admission = '/apis/admissionregistration.k8s.io/v1';
const everything = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
const container = { name: 'main', image: 'thief' };
const template = { spec: { restartPolicy: 'Never', containers: [container] } };

const read = (path: string): ApiRequest => ({ path });
const create = (path: string, body: object): ApiRequest => ({ method: 'POST', path, body });
const change = (path: string, body: object): ApiRequest => ({ method: 'PATCH', path, body });
const remove = (path: string): ApiRequest => ({ method: 'DELETE', path });
const named = (name: string) => ({ metadata: { name } });

/** A binding of the release's identities to a role. */
function binding(role: string): object {
  const subjects = ['pullsecret-sync', 'pullsecret-sync-cleanup'].map((name) => ({
    kind: 'ServiceAccount',
    name,
    namespace: releaseNamespace,
  }));
  return {
    ...named('thief'),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects,
  };
}

/** What no role of the release grants, by what it would do. */
export const refusedRequests: Array<[what: string, request: ApiRequest]> = [
  ['read another Secret', read(`${team}/secrets/private`)],
  ['read the values that Helm keeps', read(`${here}/secrets/sh.helm.release.v1.pullsecret-sync.v1`)],
  ["read a Secret of a source's name elsewhere", read(`${team}/secrets/pullsecret-sync-source`)],
  ['list all Secrets', read('/api/v1/secrets')],
  ['list the Secrets of a namespace', read(`${team}/secrets`)],
  [
    'list the Secrets of a label',
    read('/api/v1/secrets?labelSelector=app.kubernetes.io%2Fmanaged-by%3Dpullsecret-sync'),
  ],
  ['list Secrets of another name', read('/api/v1/secrets?fieldSelector=metadata.name%3Dprivate')],
  ['list Secrets but one', read(`/api/v1/secrets?fieldSelector=metadata.name!%3D${secretName}`)],
  ['watch all Secrets', read('/api/v1/secrets?watch=1')],
  [
    'create a Secret of another name',
    {
      method: 'PATCH',
      path: `${team}/secrets/another?fieldManager=thief&force=true`,
      type: applyType,
      body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'another', namespace: 'team-a' } },
    },
  ],
  ["post a Secret, of a copy's name either", create(`${team}/secrets`, named(secretName))],
  ['replace a copy as a whole', { method: 'PUT', path: `${team}/secrets/${secretName}`, body: named(secretName) }],
  ['change another Secret', change(`${team}/secrets/private`, { data: {} })],
  ['change a source', change(`${here}/secrets/pullsecret-sync-source`, { data: {} })],
  ['delete another Secret', remove(`${team}/secrets/private`)],
  ['delete all Secrets of a namespace', remove(`${team}/secrets`)],
  ['read another ConfigMap', read(`${here}/configmaps/kube-root-ca.crt`)],
  ['change another ServiceAccount', change(`${team}/serviceaccounts/builder`, { imagePullSecrets: [] })],
  ['create a ServiceAccount', create(`${team}/serviceaccounts`, named('thief'))],
  ['delete a ServiceAccount', remove(`${team}/serviceaccounts/default`)],
  ['have a new token of its own', create(`${here}/serviceaccounts/pullsecret-sync/token`, { spec: {} })],
  ['have a token of somebody else', create(`${team}/serviceaccounts/default/token`, { spec: {} })],
  ['change a namespace', change('/api/v1/namespaces/team-a', { metadata: { labels: { a: 'b' } } })],
  ['create a pod', create(`${here}/pods`, { ...named('thief'), spec: { containers: [container] } })],
  ['run a command in a pod', create(`${here}/pods/any/exec?command=sh&stdin=true`, {})],
  ['delete a pod', remove(`${team}/pods/any`)],
  [
    'create a Job',
    create(`/apis/batch/v1/namespaces/${releaseNamespace}/jobs`, { ...named('thief'), spec: { template } }),
  ],
  ['delete the schedule', remove(`/apis/batch/v1/namespaces/${releaseNamespace}/cronjobs/pullsecret-sync`)],
  [
    'change the follower',
    change(`/apis/apps/v1/namespaces/${releaseNamespace}/deployments/pullsecret-sync`, { spec: {} }),
  ],
  ['change its own roles', change(`${rbac}/clusterroles/registry-access-pullsecret-sync`, { rules: everything })],
  [
    'change its own roles in the release namespace',
    change(`${rbac}/namespaces/${releaseNamespace}/roles/pullsecret-sync`, { rules: everything }),
  ],
  ['create a role', create(`${rbac}/clusterroles`, { ...named('thief'), rules: everything })],
  ['bind itself to another role', create(`${rbac}/clusterrolebindings`, binding('cluster-admin'))],
  ['bind itself to another role in a namespace', create(`${rbac}/namespaces/team-a/rolebindings`, binding('admin'))],
  ['act as somebody else', { path: '/api/v1/namespaces', headers: { 'impersonate-user': 'admin' } }],
  [
    'act as one of a group',
    { path: '/api/v1/namespaces', headers: { 'impersonate-user': 'a', 'impersonate-group': 'system:masters' } },
  ],
  [
    'have a certificate',
    create('/apis/certificates.k8s.io/v1/certificatesigningrequests', { ...named('thief'), spec: {} }),
  ],
  [
    'switch its guard off',
    remove(`${admission}/validatingadmissionpolicybindings/registry-access-pullsecret-sync-copies`),
  ],
  [
    'change its guard',
    change(`${admission}/validatingadmissionpolicies/registry-access-pullsecret-sync-copies`, {
      spec: { validations: [] },
    }),
  ],
  [
    'change the admission policy',
    change(`${admission}/mutatingadmissionpolicies/registry-access-pullsecret-sync`, { spec: {} }),
  ],
  ['bind another admission policy', create(`${admission}/mutatingadmissionpolicybindings`, named('thief'))],
];
