import {
  AdmissionregistrationV1Api,
  ApiException,
  CoreV1Api,
  type KubeConfig,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { clusterError } from '../../job/src/cluster/api-status.ts';
import type { RequestName } from '../../job/src/cluster/cluster-error.ts';
import { until } from '../../scripts/until.ts';
import type { People } from './people.ts';

/** What people do, on a real API server, and what only a real one needs to be brought into a state. */
export interface RealPeople extends People {
  /** Creates a namespace that, when it is deleted, stays terminating although its content went, until it is released. */
  createHeldNamespace(name: string): Promise<void>;
  releaseNamespace(name: string): Promise<void>;
  deleteNamespace(name: string): Promise<void>;
  /** Resolves once a quota refuses any Secret in the namespace. */
  forbidSecrets(namespace: string): Promise<void>;
  /** Resolves once a policy refuses any write of a Secret or ServiceAccount in the namespace. */
  denyWrites(namespace: string): Promise<void>;
}

const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
const apply = setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply);
const holder = 'holder';

export function realPeople(kubeConfig: KubeConfig): RealPeople {
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const admission = kubeConfig.makeApiClient(AdmissionregistrationV1Api);

  const people: RealPeople = {
    createNamespace: (name) => ask('namespaces', () => core.createNamespace({ body: { metadata: { name } } })),
    patchNamespace: (name, metadata) =>
      ask('namespaces', () => core.patchNamespace({ name, body: { metadata } }, merge)),
    createSecret: (fieldManager, { namespace, name, type, immutable = false, labels, annotations, data }) => {
      const metadata = { name, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
      const body = { metadata, type, data, ...(immutable ? { immutable } : {}) };
      return ask('secrets', () => core.createNamespacedSecret({ namespace, fieldManager, body }));
    },
    patchSecret: (fieldManager, namespace, name, { labels, annotations, data, immutable }) => {
      const body = { metadata: { labels, annotations }, data, ...(immutable ? { immutable } : {}) };
      return ask('secrets', () => core.patchNamespacedSecret({ name, namespace, fieldManager, body }, merge));
    },
    deleteSecret: (namespace, name) => ask('secrets', () => core.deleteNamespacedSecret({ name, namespace })),
    createServiceAccount: (fieldManager, namespace, name) =>
      ask('serviceaccounts', () =>
        core.createNamespacedServiceAccount({ namespace, fieldManager, body: { metadata: { name } } }),
      ),
    patchServiceAccount: (fieldManager, namespace, name, { labels, annotations, imagePullSecrets }) => {
      const list = imagePullSecrets ? { imagePullSecrets: imagePullSecrets.map((one) => ({ name: one })) } : {};
      const body = { metadata: { labels, annotations }, ...list };
      return ask('serviceaccounts', () =>
        core.patchNamespacedServiceAccount({ name, namespace, fieldManager, body }, merge),
      );
    },
    applyServiceAccount: (fieldManager, namespace, name, imagePullSecrets) => {
      const list = imagePullSecrets.map((one) => ({ name: one }));
      const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name }, imagePullSecrets: list };
      return ask('serviceaccounts', () =>
        core.patchNamespacedServiceAccount({ name, namespace, fieldManager, force: true, body }, apply),
      );
    },
    deleteServiceAccount: (namespace, name) =>
      ask('serviceaccounts', () => core.deleteNamespacedServiceAccount({ name, namespace })),
    putConfigMap: async (fieldManager, namespace, name, data) => {
      const found = await core.listNamespacedConfigMap({ namespace, fieldSelector: `metadata.name=${name}` });
      const gone = Object.keys(found.items[0]?.data ?? {}).map((key) => [key, null]);
      const body = { metadata: { name }, data: { ...Object.fromEntries(gone), ...data } };
      await ask('configmaps', () =>
        found.items.length > 0
          ? core.patchNamespacedConfigMap({ name, namespace, fieldManager, body }, merge)
          : core.createNamespacedConfigMap({ namespace, fieldManager, body }),
      );
    },

    createHeldNamespace: (name) =>
      ask('namespaces', () =>
        core.createNamespace({ body: { metadata: { name }, spec: { finalizers: ['example.com/hold'] } } }),
      ),
    // Without a version: the namespace controller writes its conditions at any moment.
    releaseNamespace: (name) =>
      ask('namespaces', () =>
        core.replaceNamespaceFinalize({ name, body: { metadata: { name }, spec: { finalizers: [] } } }),
      ),
    deleteNamespace: (name) => ask('namespaces', () => core.deleteNamespace({ name })),
    async forbidSecrets(namespace) {
      const body = { metadata: { name: holder }, spec: { hard: { secrets: '0' } } };
      await ask('secrets', () => core.createNamespacedResourceQuota({ namespace, body }));
      await until('the quota is known', async () => {
        const quota = await core.readNamespacedResourceQuota({ name: holder, namespace });
        return quota.status?.hard?.secrets === '0';
      });
    },
    async denyWrites(namespace) {
      await ask('secrets', () => admission.createValidatingAdmissionPolicy({ body: policy(namespace) }));
      const spec = { policyName: holder, validationActions: ['Deny'] };
      await ask('secrets', () =>
        admission.createValidatingAdmissionPolicyBinding({ body: { metadata: { name: holder }, spec } }),
      );
      const trial = () =>
        core.createNamespacedSecret({ namespace, dryRun: 'All', body: { metadata: { name: 'trial' } } });
      await until('the policy denies', () =>
        trial().then(
          () => false,
          () => true,
        ),
      );
    },
  };
  return people;
}

function policy(namespace: string) {
  const operations = ['CREATE', 'UPDATE'];
  const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['secrets', 'serviceaccounts'], operations };
  return {
    metadata: { name: holder },
    spec: {
      matchConstraints: { resourceRules: [rule] },
      validations: [{ expression: `request.namespace != '${namespace}'`, message: 'no writes here' }],
    },
  };
}

async function ask(resource: RequestName['resource'], request: () => Promise<unknown>): Promise<void> {
  try {
    await request();
  } catch (error) {
    if (error instanceof ApiException) throw clusterError({ verb: 'patch', resource }, error.code, error.body);
    throw error;
  }
}
