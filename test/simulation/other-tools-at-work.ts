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

/** What another release of ours does, and imagepullsecret-patcher. */
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
];
