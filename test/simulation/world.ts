import type { Cluster } from '../../job/src/cluster.ts';
import { type Config, parseConfig, type Release } from '../../job/src/config.ts';
import { copyType } from '../../job/src/docker-config.ts';
import { exitCode } from '../../job/src/exit-code.ts';
import { marks, ownerMark } from '../../job/src/marks.ts';
import { ProblemError } from '../../job/src/problem.ts';
import { Model } from './model.ts';
import { type ForeignSecret, peopleOf } from './people.ts';
import type { Random } from './random.ts';

export const release: Release = { namespace: 'registry-access', name: 'pullsecret-sync' };
export const secretName = 'image-pull-secret';
export const sourceNames = ['source-a', 'source-b'] as const;
/** Namespaces that come and go. The release namespace and a system namespace stay. */
export const teams = ['team-a', 'team-b', 'team-c', 'other'];
export const accounts = ['default', 'builder'];
const configKey = 'config.yaml';
export const brokenConfig = 'broken';

/** A cluster with the release installed; what else is in it is chance. */
export function createWorld(random: Random): Model {
  const model = new Model();
  const people = peopleOf(model);
  for (const name of [release.namespace, 'kube-system', ...teams.slice(0, 2 + random.below(3))]) {
    people.createNamespace(name);
    people.createServiceAccount('kube-controller-manager', name, 'default');
    if (random.chance(0.3)) people.createServiceAccount('kubectl', name, 'builder');
  }
  writeConfig(model, configText(random));
  for (const name of [...sourceNames, secretName]) {
    if (name !== secretName || random.chance(0.1)) putSource(model, name, goodSource(name, 0));
  }
  return model;
}

/** A configuration as the chart would render it; JSON is YAML. */
export function configText(random: Random): string {
  const target = {
    name: 'default',
    secretName,
    sources: random
      .pick([['source-a'], ['source-a'], ['source-a', 'source-b'], [secretName]])
      .map((secret) => ({ secret })),
    namespaces: {
      include: random.pick([['*'], ['*'], ['team-*'], ['team-a', 'registry-access']]),
      exclude: random.pick([[], [], ['team-b']]),
    },
    serviceAccounts: {
      include: random.pick([['default'], ['default', 'builder'], ['*']]),
      skipApplied: random.chance(0.8),
    },
  };
  return JSON.stringify({
    release: `${release.namespace}/${release.name}`,
    targets: [target],
    sourceTimeout: random.pick(['0s', '4s']),
    concurrency: 1 + random.below(4),
  });
}

export function writeConfig(model: Model, text: string): void {
  peopleOf(model).putConfigMap('helm', release.namespace, release.name, { [configKey]: text });
}

/** The same text gives the same configuration; parsing it each time would be most of a simulation's work. */
const parsed = new Map<string, Config>();

/** Reads the configuration through the API, as the program does in a cluster. */
export async function readConfig(cluster: Cluster): Promise<Config> {
  const configMap = await cluster.readConfigMap(release.namespace, release.name);
  const config = parse(configMap?.data[configKey]);
  if (config) return config;
  throw new ProblemError({ message: 'the configuration cannot be used', fix: 'mend it' }, exitCode.config);
}

/** The configuration that lies in the cluster; `undefined` where it cannot be used. */
export function configNow(model: Model): Config | undefined {
  const configMap = model.get({ resource: 'configmaps', namespace: release.namespace, name: release.name });
  return parse(configMap?.fields.get(`data/${configKey}`));
}

function parse(text = brokenConfig): Config | undefined {
  if (text === brokenConfig) return undefined;
  const config = parsed.get(text) ?? parseConfig(text, 'the simulation');
  parsed.set(text, config);
  return config;
}

/** A source Secret in order. Each source has a registry of its own, each version a password of its own. */
export function goodSource(name: string, version: number): ForeignSecret {
  const auths = { [`${name}.example.com`]: { auth: encoded(`robot:password-${version}`) } };
  return source(name, copyType, JSON.stringify({ auths }));
}

export function brokenSource(name: string, random: Random): ForeignSecret {
  return random.pick([
    source(name, copyType, '{"auths":{}}'),
    source(name, copyType, 'not JSON'),
    source(name, 'Opaque', '{"auths":{}}'),
  ]);
}

/** What a copy has to hold, from the sources' own texts; `undefined` where one of them is not in order. */
export function expectedContent(
  sources: Array<{ type: string; data: Record<string, string> } | undefined>,
): string | undefined {
  const auths: Record<string, unknown> = {};
  for (const one of sources) {
    const text = Buffer.from(one?.data['.dockerconfigjson'] ?? '', 'base64').toString();
    if (one?.type !== copyType || !text.includes('"auth"')) return undefined;
    Object.assign(auths, JSON.parse(text).auths);
  }
  const sorted = Object.entries(auths).sort(([a], [b]) => (a < b ? -1 : 1));
  return encoded(JSON.stringify({ auths: Object.fromEntries(sorted) }));
}

export function putSource(model: Model, name: string, secret: ForeignSecret): void {
  const people = peopleOf(model);
  const before = model.get({ resource: 'secrets', namespace: release.namespace, name });
  if (before?.fields.get('type') === secret.type && !before.fields.has('immutable')) {
    people.patchSecret('external-secrets', release.namespace, name, { data: secret.data });
    return;
  }
  if (before) people.deleteSecret(release.namespace, name);
  people.createSecret('external-secrets', secret);
}

/** A Secret with the marks that a copy in namespace `marked` has, wherever it lies. */
export function markedSecret(namespace: string, marked: string, type: string, content: string): ForeignSecret {
  return {
    namespace,
    name: secretName,
    type,
    labels: { [marks.managedBy]: marks.managedByValue },
    annotations: { [marks.owner]: ownerMark(release, marked) },
    data: { '.dockerconfigjson': encoded(content) },
  };
}

export function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

function source(name: string, type: string, text: string): ForeignSecret {
  return { namespace: release.namespace, name, type, data: { '.dockerconfigjson': encoded(text) } };
}
