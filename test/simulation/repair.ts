import type { Config } from '../../job/src/config/config.ts';
import { configNow, configText, writeConfig } from './configuration.ts';
import type { Knowledge } from './knowledge.ts';
import type { Model } from './model.ts';
import { release } from './names.ts';
import { peopleOf } from './people.ts';
import type { Random } from './random.ts';
import { brokenSource, contentNow, expectedContent, goodSource, putSource, sourceNow } from './sources.ts';
import type { World } from './world.ts';

/** People put right what keeps the engine from its work, and leave everything else as it is. */
export function repair(world: World, random: Random): void {
  const { model, registries } = world;
  registries.moods.clear();
  registries.down.clear();
  model.quotas.clear();
  model.denials.clear();
  repairConfig(world, random);
  repairSources(model);
  // One target stays bad beside good ones.
  const { targets } = configNow(model) as Config;
  if (targets.length > 1 && random.chance(0.3)) breakSource(model, random.pick(targets), random);
}

/** Puts all sources right where none of the targets can be used. Returns whether that was so. */
export function repairUnusable({ model }: World): boolean {
  const { targets } = configNow(model) as Config;
  if (targets.some((target) => contentNow(model, [target]) !== undefined)) return false;
  repairSources(model);
  return true;
}

export function repairConfig({ model, traits }: World, random: Random): void {
  if (!configNow(model)) writeConfig(model, configText(random, traits));
}

/** Something that a run has to see before it ends: another configuration, or other credentials. */
export function changeSomething({ model, traits }: World, random: Random): string {
  if (random.chance(0.4)) {
    writeConfig(model, configText(random, traits));
    repairSources(model);
    return 'the configuration changes';
  }
  return rotateSources({ model }, random);
}

/** Other credentials in all sources, or in one. */
export function rotateSources({ model }: Pick<World, 'model'>, random: Random): string {
  const names = sourcesOf(model);
  const rotated = random.chance(0.5) ? names : [random.pick(names)];
  for (const name of rotated) putSource(model, name, goodSource(name, 1000 + random.below(1000)));
  return `${rotated} rotated`;
}

/** Whether the configuration and the sources are still what a process read last. */
export function isUpToDate(model: Model, knowledge: Knowledge): boolean {
  const { standStillUntil: _, ...config } = knowledge.config ?? {};
  return (
    JSON.stringify(config) === JSON.stringify(configNow(model)) &&
    sourcesOf(model).every((name) => sourceNow(model, name)?.resourceVersion === knowledge.sourceVersion(name))
  );
}

function repairSources(model: Model): void {
  for (const name of sourcesOf(model)) {
    if (expectedContent([sourceNow(model, name)]) === undefined) putSource(model, name, goodSource(name, 1));
  }
}

function breakSource(model: Model, { sources: [source] }: Config['targets'][number], random: Random): void {
  if (!source || !('secret' in source)) return;
  if (random.chance(0.5)) putSource(model, source.secret, brokenSource(source.secret, random));
  else peopleOf(model).deleteSecret(release.namespace, source.secret);
}

function sourcesOf(model: Model): string[] {
  const { targets } = configNow(model) as Config;
  return [
    ...new Set(targets.flatMap(({ sources }) => sources.flatMap((one) => ('secret' in one ? [one.secret] : [])))),
  ];
}
