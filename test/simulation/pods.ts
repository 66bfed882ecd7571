import type { PodRecord } from '../../job/src/cluster/cluster.ts';
import { listOf } from './change.ts';
import { configNow } from './configuration.ts';
import { contentField } from './judge-secret.ts';
import type { Configured } from './knowledge.ts';
import type { Model, StoredObject } from './model.ts';
import { accounts, sourceNames } from './names.ts';
import type { Deed, Scene } from './other-tools-at-work.ts';
import { contentNow, loginsIn } from './sources.ts';
import { canSee, isSource, managedNames, ownerOf, wishFor } from './wishes.ts';

/** What people and controllers do with pods. */
export const podDeeds: readonly Deed[] = [
  ['a pod appears', podAppears],
  ['a pod appears', podAppears],
  [
    'a pod changes',
    ({ model, random, namespace }) => {
      for (const pod of model.podsIn(namespace)) {
        const change = random.pick([{ terminating: true }, { waiting: [] }, { waiting: waiting(random) }]);
        model.putPod({ ...pod, ...change });
      }
      return undefined;
    },
  ],
];

/** A pod has the list of its ServiceAccount as it is now, or one of its own. */
export function podAppears({
  model,
  random,
  namespace,
  name: secretName,
}: Pick<Scene, 'model' | 'random' | 'namespace' | 'name'>): undefined {
  if (!model.namespaces.has(namespace)) return;
  const serviceAccount = random.pick(accounts);
  const account = model.get({ resource: 'serviceaccounts', namespace, name: serviceAccount });
  if (!account) return;
  const own = random.pick([undefined, undefined, undefined, ['own'], [secretName], ['own', secretName]]);
  const kind = random.pick(['ReplicaSet', 'ReplicaSet', 'DaemonSet', 'Job', 'Node', undefined]);
  model.putPod({
    namespace,
    name: `pod-${random.below(6)}`,
    serviceAccount,
    imagePullSecrets: own ?? listOf(account),
    controller: kind === undefined ? undefined : { kind, name: 'its-owner' },
    terminating: random.chance(0.1),
    waiting: waiting(random),
    ownList: own !== undefined,
  });
}

function waiting(random: Scene['random']): PodRecord['waiting'] {
  const image = `${random.pick([...sourceNames, 'elsewhere'])}.example.com/team/app:1`;
  const reason = random.pick(['ErrImagePull', 'ImagePullBackOff', 'ImagePullBackOff', 'ContainerCreating']);
  return [
    { reason: 'PodInitializing', image: 'elsewhere.example.com/team/other:1' },
    { reason, image },
  ];
}

/**
 * What is wrong with the eviction of a pod; `undefined`: nothing.
 *
 * @param since tells when the process heard of an object last, and whether somebody else changed it after that
 */
export function brokenEviction(
  pod: PodRecord,
  model: Model,
  knowledge: Configured,
  isStale: { secret(name: string): boolean; account: boolean },
): string | undefined {
  const { config } = knowledge;
  const { enabled, maxPerRun } = config.recreateStuckPods;
  knowledge.evictions += 1;
  if (!enabled || knowledge.role !== 'run') return 'nobody asked for it';
  if (knowledge.evictions > maxPerRun) return 'too many were evicted';
  if (pod.terminating) return 'it was being deleted';
  if (!pod.controller || pod.controller.kind === 'Node') return 'nothing makes it again';
  const { namespace, serviceAccount, imagePullSecrets } = pod;
  const account = model.get({ resource: 'serviceaccounts', namespace, name: serviceAccount });
  if (model.hasOwnList(pod) && !isStale.account && (account?.listChangedAt ?? 0) < pod.createdAt) {
    return 'it named pull secrets of its own';
  }
  const cures = managedNames(config).filter((name) => {
    if (imagePullSecrets.includes(name)) return false;
    // Of each state in which the namespace was seen: a label that changed in between leads to another target.
    const contents = knowledge
      .wishes(namespace, name)
      .map((wish) => (wish.kind === 'wanted' ? knowledge.content(wish.targets) : undefined));
    if (!contents.some((content) => content !== undefined && waitsFor(pod, content))) return false;
    const secret = model.get({ resource: 'secrets', namespace, name });
    const isUsable = secret && (ownerOf(secret, config) === 'ours' || isSource(config, secret));
    return (isUsable || isStale.secret(name)) && (isStale.account || (account && listOf(account).includes(name)));
  });
  return cures.length > 0 ? undefined : 'the next one would be stuck too';
}

/** A pod that a run with nobody beside it has to evict; `undefined` where there is none. */
export function stuckPodLeft(model: Model): PodRecord | undefined {
  const config = configNow(model);
  if (!config?.recreateStuckPods.enabled) return undefined;
  return [...model.namespaces.values()]
    .flatMap((record) => model.podsIn(record.name).map((pod) => ({ pod, record })))
    .find(({ pod, record }) => {
      const { namespace, serviceAccount: name, controller, terminating, imagePullSecrets } = pod;
      if (terminating || !controller || controller.kind === 'Node' || imagePullSecrets.length > 0) return false;
      const account = model.get({ resource: 'serviceaccounts', namespace, name });
      if (!account || !canSee(config, account)) return false;
      return listOf(account).some((secretName) => {
        const wish = wishFor(config, record, secretName);
        const secret = model.get({ resource: 'secrets', namespace, name: secretName });
        if (wish?.kind !== 'wanted' || !secret) return false;
        const content = contentNow(model, [wish.targets[0]]);
        const isOurs = isSource(config, secret) || (ownerOf(secret, config) === 'ours' && holds(secret, content));
        return isOurs && content !== undefined && waitsFor(pod, content);
      });
    })?.pod;
}

function holds({ fields }: StoredObject, content: string | undefined): boolean {
  return fields.get(contentField) === content;
}

function waitsFor({ waiting: containers }: PodRecord, content: string): boolean {
  const hosts = loginsIn(content).map((login) => login.split(' ')[0]);
  return containers.some(
    ({ reason, image }) => /^(ErrImagePull|ImagePullBackOff)$/.test(reason) && hosts.includes(image.split('/')[0]),
  );
}
