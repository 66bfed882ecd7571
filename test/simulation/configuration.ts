import type { Cluster } from '../../job/src/cluster/cluster.ts';
import { type Config, parseConfig } from '../../job/src/config/config.ts';
import { exitCode } from '../../job/src/exit-code.ts';
import { marks } from '../../job/src/plan/marks.ts';
import { ProblemError } from '../../job/src/problem.ts';
import type { Model } from './model.ts';
import { oldSecretName, otherRelease, release, secretName, secretNames, teamSecretName } from './names.ts';
import { peopleOf } from './people.ts';
import type { Random } from './random.ts';
import type { Traits } from './world.ts';

const configKey = 'config.yaml';
export const brokenConfig = 'broken';

/** A configuration as the chart would render it, with what the cluster's traits allow; JSON is YAML. */
export function configText(random: Random, traits: Traits): string {
  // One for all targets: a list that one of them writes into is declared by the other tool no more.
  const skipApplied = random.chance(0.8);
  const target = {
    name: 'default',
    secretName: traits.renames ? random.pick(secretNames) : secretName,
    sources: random
      .pick([['source-a'], ['source-a'], ['source-a', 'source-b'], [secretName]])
      .map((secret) => ({ secret })),
    namespaces: namespaces(random, traits),
    serviceAccounts: serviceAccounts(random, traits, skipApplied),
    onConflict: onConflict(random, traits),
  };
  const profiles = traits.profiles ? profilesOf(random, traits, skipApplied) : [];
  return JSON.stringify({
    release: `${release.namespace}/${release.name}`,
    targets: [...profiles, target],
    ...(traits.renames ? renames(random) : {}),
    ...(traits.others && random.chance(0.5)
      ? { previousReleases: [`${otherRelease.namespace}/${otherRelease.name}`] }
      : {}),
    ...(traits.crowded ? { maxRemovePercent: random.pick([50, 50, 0, 100]) } : {}),
    ...(traits.verifies ? { verifyCredentials: random.pick(['enforce', 'enforce', 'enforce', 'warn', 'off']) } : {}),
    ...(traits.pods ? { recreateStuckPods: { enabled: random.chance(0.8), maxPerRun: 1 + random.below(3) } } : {}),
    ...(traits.events && random.chance(0.2) ? { events: { enabled: false } } : {}),
    sourceTimeout: random.pick(['0s', '4s']),
    concurrency: 1 + random.below(4),
    objects: { configMap: release.name, cronJob: release.name, ...(traits.follows ? { follower: release.name } : {}) },
  });
}

/** In the order of their priority, before the default target. */
function profilesOf(random: Random, traits: Traits, skipApplied: boolean): object[] {
  return random.pick([['team'], ['gold'], ['gold', 'team']]).map((name) => ({
    name,
    secretName: random.pick(
      traits.crowded ? [secretName, teamSecretName, teamSecretName] : [secretName, secretName, teamSecretName],
    ),
    sources: [{ secret: `source-${name}` }],
    namespaces: {
      ...namespaces(random, traits),
      include: random.pick(traits.crowded ? [['*']] : [['*'], ['team-*'], ['team-b', 'other']]),
    },
    serviceAccounts: serviceAccounts(random, traits, skipApplied),
    onConflict: onConflict(random, traits),
  }));
}

function namespaces(random: Random, { selects, crowded }: Traits): object {
  const gold = { matchLabels: { tier: 'gold' } };
  const expression = (operator: string, values?: string[]) => ({
    matchExpressions: [{ key: 'tier', operator, ...(values ? { values } : {}) }],
  });
  const selectors = [
    {},
    gold,
    expression('In', ['gold', 'iron']),
    expression('NotIn', ['iron']),
    expression('Exists'),
    expression('DoesNotExist'),
  ];
  return {
    include: random.pick([['*'], ['*'], ['team-*'], ['team-a', 'registry-access']]),
    exclude: random.pick(crowded ? [[], [], ['team-b'], ['crowd-*']] : [[], [], ['team-b'], ['team-?']]),
    ...(random.chance(0.1) ? { excludeSystem: false } : {}),
    ...(selects ? { selector: random.pick(selectors) } : {}),
  };
}

function serviceAccounts(random: Random, { crowded }: Traits, skipApplied: boolean): object {
  return {
    include: random.pick([['default'], ['default', 'builder'], ['*'], ['default', 'build*']]),
    exclude: random.pick(crowded ? [[], [], ['builder'], ['de*']] : [[], [], [], ['builder']]),
    skipApplied,
  };
}

function onConflict(random: Random, { adopts }: Traits): string {
  return adopts ? random.pick(['keep', 'adopt', 'adopt']) : 'keep';
}

function renames(random: Random): object {
  return {
    // A name that is in use is none that was.
    previousSecretNames: random.pick([[], [oldSecretName], secretNames, secretNames]),
    previousServiceAccounts: random.pick([[], ['builder']]),
    retireAfter: random.pick(['0s', '10s', '168h']),
  };
}

export function writeConfig(model: Model, text: string): void {
  peopleOf(model).putConfigMap('helm', release.namespace, release.name, { [configKey]: text });
}

/** Reads the configuration through the API, as the program does in a cluster. */
export async function readConfig(cluster: Cluster): Promise<Config> {
  const configMap = await cluster.readConfigMap(release.namespace, release.name);
  const config = parse(configMap?.data[configKey]);
  if (!config) throw new ProblemError({ message: 'the configuration cannot be used', fix: 'mend it' }, exitCode.config);
  const standStillUntil = configMap?.annotations[marks.standStillUntil];
  return standStillUntil === undefined ? config : { ...config, standStillUntil };
}

/** The configuration that lies in the cluster; `undefined` where it cannot be used. */
export function configNow(model: Model): Config | undefined {
  return parse(configMapOf(model)?.fields.get(`data/${configKey}`));
}

/** Until when runs have to stand still, as the cluster says it: milliseconds; 0 where it says nothing. */
export function standStillUntil(model: Model): number {
  const until = configMapOf(model)?.fields.get(`annotations/${marks.standStillUntil}`);
  return until === undefined ? 0 : Date.parse(until);
}

function configMapOf(model: Model) {
  return model.get({ resource: 'configmaps', namespace: release.namespace, name: release.name });
}

function parse(text = brokenConfig): Config | undefined {
  if (text === brokenConfig) return undefined;
  const known = parsed.get(text);
  if (known) return known;
  const { targets, ...rest } = JSON.parse(text);
  const config = { ...parsePart(rest), targets: targets.flatMap((target: object) => parsePart({}, target).targets) };
  parsed.set(text, config);
  return config;
}

/** The same text gives the same configuration; parsing each one as a whole would be much of a simulation's work. */
const parsed = new Map<string, Config>();
const parsedParts = new Map<string, Config>();

function parsePart(rest: object, target: object = { name: 'none', secretName: 'none', sources: [{ secret: 'none' }] }) {
  const text = JSON.stringify({ release: `${release.namespace}/${release.name}`, ...rest, targets: [target] });
  const config = parsedParts.get(text) ?? parseConfig(text, 'the simulation');
  parsedParts.set(text, config);
  return config;
}

/** What a run says that withheld removals: a person looks, and allows them. */
export function allowAllRemovals(model: Model): void {
  setRemovalLimit(model, 100);
}

export function setRemovalLimit(model: Model, maxRemovePercent: number): void {
  const text = configMapOf(model)?.fields.get(`data/${configKey}`) ?? brokenConfig;
  writeConfig(model, JSON.stringify({ ...JSON.parse(text), maxRemovePercent }));
}
