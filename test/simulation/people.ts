import type { RequestName } from '../../job/src/cluster/cluster-error.ts';
import { listField } from './cluster-model.ts';
import { applyFields, toFields, updateFields } from './fields.ts';
import { type Model, type Place, refusal } from './model.ts';

/**
 * What people and other programs do to a cluster. The model does it to itself; `test/cluster/model.test.ts` does the
 * same to a real API server. Each names its field manager.
 */
export interface People {
  createNamespace(name: string): Promise<void>;
  patchNamespace(name: string, metadata: Metadata): Promise<void>;
  createSecret(manager: string, secret: ForeignSecret): Promise<void>;
  patchSecret(manager: string, namespace: string, name: string, patch: SecretPatch): Promise<void>;
  deleteSecret(namespace: string, name: string): Promise<void>;
  createServiceAccount(manager: string, namespace: string, name: string): Promise<void>;
  patchServiceAccount(manager: string, namespace: string, name: string, patch: ListPatch): Promise<void>;
  /** Server-side apply with force, as GitOps tools do it. */
  applyServiceAccount(manager: string, namespace: string, name: string, imagePullSecrets: string[]): Promise<void>;
  deleteServiceAccount(namespace: string, name: string): Promise<void>;
  /** Creates or replaces a ConfigMap's data. */
  putConfigMap(manager: string, namespace: string, name: string, data: Record<string, string>): Promise<void>;
}

/** Labels and annotations to set; `null` removes one. */
export interface Metadata {
  labels?: Record<string, string | null>;
  annotations?: Record<string, string | null>;
}

export interface ForeignSecret {
  namespace: string;
  name: string;
  type: string;
  immutable?: boolean;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  data: Record<string, string>;
}

export interface SecretPatch extends Metadata {
  data?: Record<string, string | null>;
  immutable?: true;
}

export interface ListPatch extends Metadata {
  imagePullSecrets?: string[];
}

export function peopleOf(model: Model, actor = 'people'): People {
  const create = (manager: string, place: Place, fields: Array<[string, string | null]>) => {
    const request: RequestName = { verb: 'create', ...place };
    model.admitCreation(request, place);
    if (model.get(place)) throw refusal('conflict', request);
    model.write(actor, request, place, updateFields(undefined, manager, new Map(fields)));
  };
  const patch = (manager: string, place: Place, fields: Array<[string, string | null]>) => {
    const request: RequestName = { verb: 'patch', ...place };
    const before = model.get(place);
    if (!before) throw refusal('notFound', request);
    model.write(actor, request, place, updateFields(before, manager, new Map(fields)));
  };
  const remove = (place: Place) => {
    const before = model.get(place);
    if (!before) throw refusal('notFound', { verb: 'delete', ...place });
    model.remove(actor, before);
  };
  const secret = (namespace: string, name: string): Place => ({ resource: 'secrets', namespace, name });
  const account = (namespace: string, name: string): Place => ({ resource: 'serviceaccounts', namespace, name });

  return {
    async createNamespace(name) {
      if (model.namespaces.has(name)) throw refusal('conflict', { verb: 'create', resource: 'namespaces', name });
      model.putNamespace({ name, labels: {}, annotations: {}, terminating: false });
    },
    async patchNamespace(name, { labels = {}, annotations = {} }) {
      const before = model.namespaces.get(name);
      if (!before) throw refusal('namespaceGone', { verb: 'patch', resource: 'namespaces', name });
      model.putNamespace({
        ...before,
        labels: merged(before.labels, labels),
        annotations: merged(before.annotations, annotations),
      });
    },
    async createSecret(manager, { namespace, name, type, immutable, ...maps }) {
      const fixed: Array<[string, string]> = [
        ['type', type],
        ...(immutable ? [['immutable', 'true'] as [string, string]] : []),
      ];
      create(manager, secret(namespace, name), [...fixed, ...mapFields(maps)]);
    },
    async patchSecret(manager, namespace, name, { immutable, ...maps }) {
      const fixed: Array<[string, string]> = immutable ? [['immutable', 'true']] : [];
      patch(manager, secret(namespace, name), [...fixed, ...mapFields(maps)]);
    },
    async deleteSecret(namespace, name) {
      remove(secret(namespace, name));
    },
    async createServiceAccount(manager, namespace, name) {
      create(manager, account(namespace, name), []);
    },
    async patchServiceAccount(manager, namespace, name, { imagePullSecrets, ...maps }) {
      const list = imagePullSecrets ? listField(imagePullSecrets) : [];
      patch(manager, account(namespace, name), [...list, ...mapFields(maps)]);
    },
    async applyServiceAccount(manager, namespace, name, imagePullSecrets) {
      const place = account(namespace, name);
      const wanted = new Map(listField(imagePullSecrets) as Array<[string, string]>);
      const owned = applyFields(model.get(place), manager, wanted, { force: true });
      if (owned === 'conflict') throw refusal('conflict', { verb: 'patch', ...place });
      model.write(actor, { verb: 'patch', ...place }, place, owned);
    },
    async deleteServiceAccount(namespace, name) {
      remove(account(namespace, name));
    },
    async putConfigMap(manager, namespace, name, data) {
      const place: Place = { resource: 'configmaps', namespace, name };
      const before = model.get(place);
      const gone = [...(before?.fields.keys() ?? [])].filter((field) => field.startsWith('data/'));
      const changes = [...gone.map((field): [string, null] => [field, null]), ...toFields('data', data)];
      model.write(actor, { verb: 'patch', ...place }, place, updateFields(before, manager, new Map(changes)));
    },
  };
}

/** A namespace is deleted: nothing can be created in it any more, and its content is still there. */
export function terminateNamespace(model: Model, name: string): void {
  const namespace = model.namespaces.get(name);
  if (namespace) model.putNamespace({ ...namespace, terminating: true });
}

/** The content of a namespace that is being deleted goes. */
export function emptyNamespace(model: Model, namespace: string): void {
  for (const resource of ['secrets', 'serviceaccounts', 'configmaps'] as const) {
    for (const object of model.list(resource, { namespace })) model.remove('namespace controller', object);
  }
  for (const pod of model.podsIn(namespace)) model.removePod(pod);
  for (const key of model.events.keys()) if (key.startsWith(`${namespace}/`)) model.events.delete(key);
}

/** A namespace that was being deleted is gone. */
export function finishNamespace(model: Model, name: string): void {
  emptyNamespace(model, name);
  model.removeNamespace(name);
}

function mapFields({ labels, annotations, data }: Metadata & { data?: Record<string, string | null> }) {
  return [...toFields('labels', labels), ...toFields('annotations', annotations), ...toFields('data', data)];
}

function merged(before: Record<string, string>, changes: Record<string, string | null>): Record<string, string> {
  const all = Object.entries({ ...before, ...changes });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
}
