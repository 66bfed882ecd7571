import { copyType } from '../../job/src/credentials/docker-config.ts';
import { marks } from '../../job/src/plan/marks.ts';
import { brokenConfig, configText, writeConfig } from './configuration.ts';
import type { Model } from './model.ts';
import { accounts, crowd, release, secretName, secretNames, sourceNames, teams } from './names.ts';
import { type Deed, otherDeeds, type Scene } from './other-tools-at-work.ts';
import { finishNamespace, peopleOf, terminateNamespace } from './people.ts';
import { podDeeds } from './pods.ts';
import type { Random } from './random.ts';
import { registryChanges } from './registries.ts';
import { brokenSource, encoded, goodSource, putSource } from './sources.ts';
import { markedSecret, tier, type World } from './world.ts';

/** One thing that people or other programs do between two requests of the engine; its name, for the trace. */
export function somebodyActs({ model, traits, registries }: World, random: Random): string {
  if (traits.verifies && random.chance(0.2)) return registryChanges(registries, random);
  const [what, act] = random.pick(deedsFor(traits));
  const namespace = random.pick([...teams, release.namespace, ...(traits.crowded ? crowd : [])]);
  const name = traits.profiles || traits.renames ? random.pick(secretNames) : secretName;
  // Much of what is tried cannot be done, since the object is not there: then nothing happened.
  act({ model, traits, random, namespace, name, people: peopleOf(model) })?.catch(() => {});
  return `${what} (${namespace}, ${name})`;
}

function deedsFor({ others, pods }: World['traits']): readonly Deed[] {
  return [...deeds, ...(others ? otherDeeds : []), ...(pods ? Array(4).fill(podDeeds).flat() : [])];
}

const deeds: readonly Deed[] = [
  [
    'a foreign Secret appears',
    ({ people, random, namespace, name }) =>
      people.createSecret('kubectl', {
        namespace,
        name,
        type: random.pick([copyType, 'Opaque']),
        immutable: random.chance(0.2),
        labels: random.pick([{}, { team: namespace }, { [marks.managedBy]: random.pick(['Helm', 'kustomize']) }]),
        data: { '.dockerconfigjson': encoded('{"auths":{"foreign":{}}}') },
      }),
  ],
  ['somebody labels a Secret', patchCopy(({ random }) => ({ labels: { team: random.pick(['a', 'b']) } }))],
  ['somebody annotates a Secret', patchCopy(() => ({ annotations: { 'example.com/note': 'mine' } }))],
  ['somebody adds a key to a Secret', patchCopy(() => ({ data: { extra: encoded('more') } }))],
  ['somebody edits a Secret', patchCopy(() => ({ data: { '.dockerconfigjson': encoded('{"auths":{"x":{}}}') } }))],
  ['somebody seals a Secret', patchCopy(() => ({ immutable: true }))],
  ['somebody takes a copy over', patchCopy(() => ({ annotations: { [marks.owner]: null } }))],
  ['Helm takes a copy over', patchCopy(() => ({ labels: { [marks.managedBy]: 'Helm' } }))],
  ['a Secret is deleted', ({ people, namespace, name }) => people.deleteSecret(namespace, name)],
  [
    'a copy is exported elsewhere',
    ({ people, random, namespace, name }) =>
      people.createSecret(
        'kubectl',
        markedSecret({ namespace, name }, random.pick(teams), copyType, '{"auths":{"old":{}}}'),
      ),
  ],
  [
    'a copy is made anew with another type',
    ({ people, namespace, name }) => {
      people.deleteSecret(namespace, name).catch(() => {});
      return people.createSecret('kubectl', markedSecret({ namespace, name }, namespace, 'Opaque', 'anything'));
    },
  ],
  [
    'somebody sets a list',
    ({ people, random, namespace, name }) => {
      const imagePullSecrets = random.pick([[], ['own'], ['own', name], ['first', 'second']]);
      return people.patchServiceAccount('kubectl', namespace, random.pick(accounts), { imagePullSecrets });
    },
  ],
  [
    'a tool applies a list',
    ({ people, random, namespace, name }) => {
      const imagePullSecrets = random.pick([['applied'], ['a', 'b'], ['applied', name]]);
      return people.applyServiceAccount('argocd', namespace, random.pick(accounts), imagePullSecrets);
    },
  ],
  [
    'a ServiceAccount is annotated',
    ({ people, random, namespace }) => {
      const annotations = random.pick([
        { 'example.com/note': 'mine' },
        { [marks.exclude]: random.pick(['true', null]) },
        { [marks.added]: 'other/release:other-secret' },
        { [marks.added]: null },
      ]);
      return people.patchServiceAccount('kubectl', namespace, random.pick(accounts), { annotations });
    },
  ],
  [
    'a ServiceAccount appears',
    ({ people, random, namespace }) => people.createServiceAccount('kubectl', namespace, random.pick(accounts)),
  ],
  [
    'a ServiceAccount is deleted',
    ({ people, random, namespace }) => people.deleteServiceAccount(namespace, random.pick(accounts)),
  ],
  ['a namespace appears', ({ people, namespace }) => people.createNamespace(namespace)],
  [
    'a namespace is labelled',
    ({ people, random, namespace }) => people.patchNamespace(namespace, { labels: tier(random) }),
  ],
  [
    'a namespace is annotated',
    ({ people, random, namespace }) => {
      const annotations = { [random.pick([marks.exclude, marks.patcherExclude])]: random.pick(['true', null]) };
      return people.patchNamespace(namespace, { annotations });
    },
  ],
  ['a namespace is deleted', team((model, namespace) => terminateNamespace(model, namespace))],
  [
    'a namespace that is being deleted goes',
    team((model, namespace) => {
      if (model.namespaces.get(namespace)?.terminating) finishNamespace(model, namespace);
    }),
  ],
  ['the quota changes', team((model, namespace) => toggle(model.quotas, namespace))],
  ['the policy changes', team((model, namespace) => toggle(model.denials, namespace))],
  ['a source is rotated', withSource((model, name, version) => putSource(model, name, goodSource(name, version)))],
  ['a source is rotated', withSource((model, name, version) => putSource(model, name, goodSource(name, version)))],
  [
    'a source breaks',
    withSource((model, name, _version, random) => putSource(model, name, brokenSource(name, random))),
  ],
  ['a source vanishes', ({ people, random }) => people.deleteSecret(release.namespace, random.pick(sourceNames))],
  ['the configuration changes', ({ model, random, traits }) => void writeConfig(model, configText(random, traits))],
  ['the configuration breaks', ({ model }) => void writeConfig(model, brokenConfig)],
];

function patchCopy(patch: (scene: Scene) => Parameters<Scene['people']['patchSecret']>[3]) {
  return (scene: Scene) => scene.people.patchSecret('kubectl-edit', scene.namespace, scene.name, patch(scene));
}

/** What happens to a team's namespace and never to the release's own. */
function team(act: (model: Model, namespace: string) => void) {
  return ({ model, namespace }: Scene): undefined => {
    if (namespace !== release.namespace) act(model, namespace);
  };
}

function withSource(act: (model: Model, name: string, version: number, random: Random) => void) {
  return ({ model, random }: Scene): undefined => {
    act(model, random.pick(sourceNames), random.below(1000), random);
  };
}

function toggle(set: Set<string>, member: string): void {
  if (!set.delete(member)) set.add(member);
}
