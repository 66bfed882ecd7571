import { copyType } from '../../job/src/credentials/docker-config.ts';
import { marks } from '../../job/src/plan/marks.ts';
import { listOf } from './change.ts';
import type { Model } from './model.ts';
import { accounts, otherRelease } from './names.ts';
import type { peopleOf } from './people.ts';
import type { Random } from './random.ts';
import { encoded } from './sources.ts';
import { marksOf } from './wishes.ts';
import { markedSecret, type World } from './world.ts';

export interface Scene {
  model: Model;
  traits: World['traits'];
  random: Random;
  namespace: string;
  /** Of a Secret. */
  name: string;
  people: ReturnType<typeof peopleOf>;
}

/** Something that is done to a cluster; its name, for the trace. */
export type Deed = readonly [string, (scene: Scene) => Promise<void> | undefined];

const reflector = 'reflector.v1.k8s.emberstack.com';

/** What another release of ours does, imagepullsecret-patcher, reflector and Kyverno. */
export const otherDeeds: readonly Deed[] = [
  [
    'another release makes a copy',
    ({ people, namespace, name }) =>
      people.createSecret(
        'pullsecret-sync',
        markedSecret({ namespace, name }, namespace, copyType, '{"auths":{"other":{}}}', otherRelease),
      ),
  ],
  [
    'another release adds a reference',
    ({ model, people, random, namespace, name }) => {
      const account = random.pick(accounts);
      const before = model.get({ resource: 'serviceaccounts', namespace, name: account });
      if (!before) return;
      const imagePullSecrets = [...new Set([...listOf(before), name])];
      const added = `${otherRelease.namespace}/${otherRelease.name}:${name}`;
      const annotations = { [marks.added]: [...new Set([...marksOf(before), added])].join() };
      return people.patchServiceAccount('pullsecret-sync', namespace, account, { imagePullSecrets, annotations });
    },
  ],
  [
    'imagepullsecret-patcher makes a Secret',
    ({ people, namespace, name }) =>
      people.createSecret('imagepullsecret-patcher', {
        namespace,
        name,
        type: copyType,
        annotations: { [marks.managedBy]: 'imagepullsecret-patcher' },
        data: { '.dockerconfigjson': encoded('{"auths":{"patcher":{}}}') },
      }),
  ],
  [
    'reflector mirrors a Secret',
    ({ people, namespace, name }) =>
      people.createSecret('Reflector', {
        namespace,
        name,
        type: copyType,
        annotations: { [`${reflector}/auto-reflects`]: 'True', [`${reflector}/reflects`]: `infra/${name}` },
        data: { '.dockerconfigjson': encoded('{"auths":{"reflector":{}}}') },
      }),
  ],
  [
    'reflector writes its copy again',
    ({ model, people, namespace, name }) => {
      if (!model.get({ resource: 'secrets', namespace, name })) return;
      return people.patchSecret('Reflector', namespace, name, {
        annotations: { [`${reflector}/reflects`]: `infra/${name}` },
        data: { '.dockerconfigjson': encoded('{"auths":{"reflector":{}}}') },
      });
    },
  ],
  [
    'Kyverno generates a Secret',
    ({ people, namespace, name }) =>
      people.createSecret('Kyverno', {
        namespace,
        name,
        type: copyType,
        labels: { [marks.managedBy]: 'kyverno', 'generate.kyverno.io/policy-name': 'sync-secrets' },
        data: { '.dockerconfigjson': encoded('{"auths":{"kyverno":{}}}') },
      }),
  ],
];
