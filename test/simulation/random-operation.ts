import type { Cluster, ObjectVersion } from '../../job/src/cluster/cluster.ts';
import { copyType } from '../../job/src/credentials/docker-config.ts';
import type { People } from './people.ts';
import type { Random } from './random.ts';

export const secretNames = ['pull-secret', 'other-secret'] as const;
export const serviceAccountNames = ['default', 'builder'];
/** One only: of two that apply the same list, the time of day decides whom the record names. */
const applier = 'fluxcd';
const managers = ['kubectl', 'argocd', 'helm'] as const;

export interface Operation {
  text: string;
  act(side: { cluster: Cluster; people: People }): Promise<unknown>;
}

/** One call of the engine's interface or of what people do, the same on both sides; versions may be stale or wrong. */
export function randomOperation(random: Random, namespaces: string[]): Operation {
  const namespace = random.pick(namespaces);
  const name = random.pick(secretNames);
  const account = random.pick(serviceAccountNames);
  const manager = random.pick(managers);
  const content = {
    namespace,
    name,
    labels: random.pick([{ ours: 'yes' }, { ours: 'no', more: 'yes' }]),
    annotations: random.pick([{ owner: 'us' }, { since: 'today' }]),
    content: encoded(random.pick(['{"auths":{}}', '{"auths":{"a":{}}}', '{}'])),
  };
  const list = random.pick([[], ['a'], ['b', 'a'], ['pull-secret'], ['a', 'b', 'c']]);
  const annotations = random.pick([{}, { added: 'one' }, { added: null }, { other: 'x' }]);
  const wrong = random.pick(['right', 'right', 'right', 'stale', 'uid', 'both'] as const);
  const immutable = random.chance(0.2);
  const type = random.pick([copyType, 'Opaque']);
  const data: Record<string, string> =
    type === copyType ? { '.dockerconfigjson': content.content } : { key: 'dmFsdWU=' };
  const change = random.pick([{ key: 'bW9yZQ==' }, { extra: 'ZXh0cmE=' }, { extra: null }, {}]);
  const labels = random.pick([{}, { team: 'a' }, { team: null }, { ours: 'stolen' }]);
  const seal = random.chance(0.2) ? { immutable: true as const } : {};

  const engine: Array<[string, Operation['act']]> = [
    ['listNamespaces', ({ cluster }) => cluster.listNamespaces({ name: namespace })],
    ['listSecrets', ({ cluster }) => cluster.listSecrets({ name, namespace })],
    ['listServiceAccounts', ({ cluster }) => cluster.listServiceAccounts({ name: account, namespace })],
    ['list all ServiceAccounts of a namespace', ({ cluster }) => cluster.listServiceAccounts({ namespace })],
    ['createSecret', ({ cluster }) => cluster.createSecret(content)],
    ['createSecret', ({ cluster }) => cluster.createSecret(content)],
    [
      'updateSecret',
      async ({ cluster }) =>
        cluster.updateSecret(content, wronged(await secretVersion(cluster, namespace, name), wrong)),
    ],
    [
      'deleteSecret',
      async ({ cluster }) => {
        const observed = wronged(await secretVersion(cluster, namespace, name), wrong);
        await cluster.deleteSecret({ namespace, name, observed });
      },
    ],
    [
      'patchServiceAccount',
      async ({ cluster }) => {
        const [found] = await cluster.listServiceAccounts({ name: account, namespace });
        const { resourceVersion } = wronged(found ?? nothing, wrong === 'both' ? 'stale' : wrong);
        await cluster.patchServiceAccount({
          namespace,
          name: account,
          resourceVersion,
          imagePullSecrets: list,
          annotations,
        });
      },
    ],
    [
      'unmarkSecret',
      async ({ cluster }) => {
        const { resourceVersion } = wronged(
          await secretVersion(cluster, namespace, name),
          wrong === 'both' ? 'stale' : wrong,
        );
        const [labels, keys] = [Object.keys(content.labels), Object.keys(content.annotations)];
        await cluster.unmarkSecret({ namespace, name, resourceVersion, labels, annotations: keys, owners: false });
      },
    ],
    ['readSecret', ({ cluster }) => cluster.readSecret(namespace, name)],
    ['readConfigMap', ({ cluster }) => cluster.readConfigMap(namespace, 'configuration')],
    [
      'applyConfigMap',
      async ({ cluster }) =>
        cluster.applyConfigMap({
          namespace,
          name: 'configuration',
          observed: await configMapVersion(cluster, namespace, wrong),
          labels: { ours: 'yes' },
          data: { text: content.content },
        }),
    ],
    [
      'applyConfigMap as if there were none',
      ({ cluster }) =>
        cluster.applyConfigMap({
          namespace,
          name: 'configuration',
          observed: undefined,
          labels: { ours: 'yes' },
          data: { text: content.content },
        }),
    ],
    ['annotateConfigMap', ({ cluster }) => cluster.annotateConfigMap(namespace, 'configuration', annotations)],
    ['deleteConfigMap', ({ cluster }) => cluster.deleteConfigMap(namespace, 'configuration')],
  ];
  const others: Array<[string, Operation['act']]> = [
    [
      'people create a Secret',
      ({ people }) => people.createSecret(manager, { namespace, name, type, immutable, data, labels: { team: 'b' } }),
    ],
    [
      'people change a Secret',
      ({ people }) => people.patchSecret(manager, namespace, name, { labels, annotations, data: change, ...seal }),
    ],
    ['people delete a Secret', ({ people }) => people.deleteSecret(namespace, name)],
    ['people create a ServiceAccount', ({ people }) => people.createServiceAccount(manager, namespace, 'builder')],
    ['people delete a ServiceAccount', ({ people }) => people.deleteServiceAccount(namespace, 'builder')],
    [
      'people patch a list',
      ({ people }) => people.patchServiceAccount(manager, namespace, account, { imagePullSecrets: list, annotations }),
    ],
    [
      'people apply a list',
      ({ people }) => people.applyServiceAccount(applier, namespace, account, ['applied', ...list]),
    ],
    [
      'people write a ConfigMap',
      ({ people }) => people.putConfigMap(manager, namespace, 'configuration', { [name]: account }),
    ],
    ['people annotate a namespace', ({ people }) => people.patchNamespace(namespace, { labels, annotations })],
  ];
  const [verb, act] = random.pick(random.chance(0.6) ? engine : others);
  return {
    text: `${verb} ${JSON.stringify({ namespace, name, account, manager, wrong, type, immutable, list })}`,
    act,
  };
}

/** No object's version, neither in the model nor on an API server. */
type Wrong = 'right' | 'stale' | 'uid' | 'both';

const staleVersion = '1';
const nothing: ObjectVersion = { uid: 'none', resourceVersion: staleVersion };

async function secretVersion(cluster: Cluster, namespace: string, name: string): Promise<ObjectVersion> {
  const [found] = await cluster.listSecrets({ name, namespace });
  return found ?? nothing;
}

/** Of a ConfigMap that is not there: none, as the engine says it. */
async function configMapVersion(cluster: Cluster, namespace: string, wrong: Wrong): Promise<ObjectVersion | undefined> {
  const found = await cluster.readConfigMap(namespace, 'configuration');
  return found && wronged(found, wrong);
}

function wronged({ uid, resourceVersion }: ObjectVersion, how: Wrong): ObjectVersion {
  return {
    uid: how === 'uid' || how === 'both' ? 'none' : uid,
    resourceVersion: how === 'stale' || how === 'both' ? staleVersion : resourceVersion,
  };
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}
