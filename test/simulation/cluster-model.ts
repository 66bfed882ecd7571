import type {
  Cluster,
  ObjectVersion,
  SecretContent,
  SecretRecord,
  ServiceAccountRecord,
  WatchedObject,
  WatchQuery,
} from '../../job/src/cluster/cluster.ts';
import { ClusterError, type RequestName } from '../../job/src/cluster/cluster-error.ts';
import { copyType, dockerConfigKeys } from '../../job/src/credentials/docker-config.ts';
import { marks } from '../../job/src/plan/marks.ts';
import { eventsView } from './events.ts';
import { applyFields, type Fields, mapOf, toFields, updateFields } from './fields.ts';
import { type Happening, type Model, refusal, type StoredObject } from './model.ts';

const contentField = `data/${dockerConfigKeys[copyType]}`;
const { fieldManager } = marks;

/** The model as the engine sees it. Every method takes effect at once; `actor` is named in the model's changes. */
export function engineView(model: Model, actor: string): Cluster {
  const applySecret = (request: RequestName, secret: SecretContent, force: boolean) => {
    const place = { resource: 'secrets', namespace: secret.namespace, name: secret.name } as const;
    const owned = applyFields(model.get(place), fieldManager, copyFields(secret), { force });
    if (owned === 'conflict') throw refusal('conflict', request);
    model.write(actor, request, place, owned);
    return version(model.get(place) as StoredObject);
  };

  return {
    async listNamespaces({ name } = {}) {
      const found = [...model.namespaces.values()].filter((namespace) => name === undefined || namespace.name === name);
      return found.map((namespace) => ({ ...namespace })).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    listSecrets: async (query) => model.list('secrets', query).map(secretRecord),
    listServiceAccounts: async (query) => model.list('serviceaccounts', query).map(serviceAccountRecord),

    latestVersion: async () => String(model.version),
    async watch(query, { from, tell, signal }) {
      const request = { verb: 'watch', ...query } as const;
      const watcher = (happening: Happening) => {
        if (!isWatched(query, happening) || happening.version <= Number(from)) return;
        const { version, namespace, name, gone, isNew } = happening;
        const object = watchedObject(happening);
        tell({ version: String(version), change: { namespace, name, gone, isNew, ...(object && { object }) } });
      };
      model.history.forEach(watcher);
      model.watchers.add(watcher);
      const { promise, reject } = Promise.withResolvers<never>();
      const stop = () => reject(new ClusterError('interrupted', request, 'the run was told to stop'));
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop);
      await promise.finally(() => model.watchers.delete(watcher));
    },

    async createSecret(secret) {
      const { namespace, name } = secret;
      const request = { verb: 'create', resource: 'secrets', name, namespace } as const;
      if (model.get({ resource: 'secrets', namespace, name })) throw refusal('conflict', request);
      return applySecret(request, secret, false);
    },

    async updateSecret(secret, observed) {
      const { namespace, name } = secret;
      const request = { verb: 'patch', resource: 'secrets', name, namespace } as const;
      const before = model.get({ resource: 'secrets', namespace, name });
      if (before?.resourceVersion !== observed.resourceVersion) throw refusal('conflict', request);
      if (before.uid !== observed.uid) throw refusal('invalid', request);
      return applySecret(request, secret, true);
    },

    async deleteSecret({ namespace, name, observed }) {
      const request = { verb: 'delete', resource: 'secrets', name, namespace } as const;
      const before = model.get({ resource: 'secrets', namespace, name });
      if (!before) throw refusal('notFound', request);
      const same = before.uid === observed.uid && before.resourceVersion === observed.resourceVersion;
      if (!same) throw refusal('conflict', request);
      model.remove(actor, before);
    },

    async unmarkSecret({ namespace, name, resourceVersion, labels, annotations }) {
      const request = { verb: 'patch', resource: 'secrets', name, namespace } as const;
      const place = { resource: 'secrets', namespace, name } as const;
      const before = model.get(place);
      if (!before) throw refusal('notFound', request);
      if (before.resourceVersion !== resourceVersion) throw refusal('conflict', request);
      const without = (keys: string[]) => Object.fromEntries(keys.map((key) => [key, null]));
      const changes = new Map([
        ...toFields('labels', without(labels)),
        ...toFields('annotations', without(annotations)),
      ]);
      model.write(actor, request, place, updateFields(before, fieldManager, changes));
      return version(model.get(place) as StoredObject);
    },

    async patchServiceAccount({ namespace, name, resourceVersion, imagePullSecrets, annotations }) {
      const request = { verb: 'patch', resource: 'serviceaccounts', name, namespace } as const;
      const place = { resource: 'serviceaccounts', namespace, name } as const;
      const before = model.get(place);
      if (!before) throw refusal('notFound', request);
      if (before.resourceVersion !== resourceVersion) throw refusal('conflict', request);
      const changes = new Map([...listField(imagePullSecrets), ...toFields('annotations', annotations)]);
      model.write(actor, request, place, updateFields(before, fieldManager, changes));
      return version(model.get(place) as StoredObject);
    },

    async readSecret(namespace, name) {
      const secret = model.get({ resource: 'secrets', namespace, name });
      if (!secret) return undefined;
      return { ...version(secret), type: secret.fields.get('type') ?? '', data: mapOf(secret.fields, 'data') };
    },

    async readConfigMap(namespace, name) {
      const configMap = model.get({ resource: 'configmaps', namespace, name });
      if (!configMap) return undefined;
      const { fields } = configMap;
      return { ...version(configMap), annotations: mapOf(fields, 'annotations'), data: mapOf(fields, 'data') };
    },

    async applyConfigMap({ namespace, name, observed, labels, data }) {
      const request = { verb: 'patch', resource: 'configmaps', name, namespace } as const;
      const place = { resource: 'configmaps', namespace, name } as const;
      const before = model.get(place);
      if (before?.resourceVersion !== observed?.resourceVersion) throw refusal('conflict', request);
      if (before?.uid !== observed?.uid) throw refusal('invalid', request);
      const wanted = new Map([...toFields('labels', labels), ...toFields('data', data)]);
      const owned = applyFields(model.get(place), fieldManager, wanted, { force: true });
      if (owned === 'conflict') throw refusal('conflict', request);
      model.write(actor, request, place, owned);
    },

    async deleteConfigMap(namespace, name) {
      const before = model.get({ resource: 'configmaps', namespace, name });
      if (before) model.remove(actor, before);
    },

    async annotateConfigMap(namespace, name, annotations) {
      const request = { verb: 'patch', resource: 'configmaps', name, namespace } as const;
      const place = { resource: 'configmaps', namespace, name } as const;
      const before = model.get(place);
      if (!before) return;
      model.write(
        actor,
        request,
        place,
        updateFields(before, fieldManager, new Map(toFields('annotations', annotations))),
      );
    },

    listPendingPods: async () => model.pods(),

    async evictPod({ namespace, name, observed }) {
      const request = { verb: 'create', resource: 'pods/eviction', name, namespace } as const;
      const pod = model.pod(namespace, name);
      if (!pod) throw refusal('notFound', request);
      const same = pod.uid === observed.uid && pod.resourceVersion === observed.resourceVersion;
      if (!same) throw refusal('conflict', request);
      model.evict(actor, pod);
    },

    ...eventsView(model, actor),

    // What a release runs is no object of the model: a simulation has a schedule of its own (`programs.ts`), and the
    // requests for it, each by name and with no condition, are tried on a real API server by the tests of `cleanup`.
    suspendCronJob: async () => false,
    endJobs: async () => [],
    deleteDeployment: async () => false,
    unbindPolicy: async () => async () => {},
  };
}

function watchedObject({ object }: Happening): WatchedObject | undefined {
  if (object === undefined) return undefined;
  if (!('resource' in object)) return { namespace: { ...object } };
  switch (object.resource) {
    case 'secrets':
      return { secret: secretRecord(object) };
    case 'serviceaccounts':
      return { serviceAccount: serviceAccountRecord(object) };
    case 'configmaps':
      return undefined;
  }
}

function isWatched({ resource, namespace, name }: WatchQuery, happening: Happening): boolean {
  return (
    happening.resource === resource &&
    (namespace === undefined || happening.namespace === namespace) &&
    (name === undefined || happening.name === name)
  );
}

export function secretRecord(secret: StoredObject): SecretRecord {
  const { namespace, name, fields, owners } = secret;
  return {
    namespace,
    name,
    ...version(secret),
    type: fields.get('type') ?? '',
    immutable: fields.get('immutable') === 'true',
    labels: mapOf(fields, 'labels'),
    annotations: mapOf(fields, 'annotations'),
    content: fields.get(contentField),
    managers: [...owners.keys()].map((owner) => owner.slice(owner.indexOf('/') + 1)),
    // Nothing in the model has an ownerReference: `test/cluster/from-other-tools.test.ts` has the real garbage collector.
    owners: [],
  };
}

export function serviceAccountRecord(serviceAccount: StoredObject): ServiceAccountRecord {
  const { namespace, name, fields, owners } = serviceAccount;
  const declarer = [...owners].find(
    ([owner, owned]) =>
      owner.startsWith('Apply/') && owner !== `Apply/${fieldManager}` && owned.has('imagePullSecrets'),
  );
  return {
    namespace,
    name,
    ...version(serviceAccount),
    annotations: mapOf(fields, 'annotations'),
    imagePullSecrets: JSON.parse(fields.get('imagePullSecrets') ?? '[]'),
    listAppliedBy: declarer?.[0].slice('Apply/'.length),
    listChangedAt: serviceAccount.listChangedAt,
  };
}

/** The list is atomic: one field, which an empty list removes. */
export function listField(imagePullSecrets: string[]): Array<[string, string | null]> {
  return [['imagePullSecrets', imagePullSecrets.length > 0 ? JSON.stringify(imagePullSecrets) : null]];
}

function copyFields({ labels, annotations, content }: SecretContent): Fields {
  return new Map([
    ['type', copyType],
    [contentField, content],
    ...toFields('labels', labels),
    ...toFields('annotations', annotations),
  ]);
}

function version({ uid, resourceVersion }: StoredObject): ObjectVersion {
  return { uid, resourceVersion };
}
