import type { Config } from '../../job/src/config.ts';
import { copyType } from '../../job/src/docker-config.ts';
import { marks } from '../../job/src/marks.ts';
import { serviceAccountRecord } from './cluster-model.ts';
import { mapOf } from './fields.ts';
import { covers, isOurs, isSource, type Knowledge, listOf } from './invariants.ts';
import type { Model } from './model.ts';
import type { Random } from './random.ts';
import {
  configNow,
  configText,
  expectedContent,
  goodSource,
  putSource,
  release,
  secretName,
  writeConfig,
} from './world.ts';

/** People put right what keeps the engine from its work, and leave everything else as it is. */
export function repair(model: Model, random: Random): void {
  model.quotas.clear();
  model.denials.clear();
  if (!configNow(model)) writeConfig(model, configText(random));
  const config = configNow(model) as Config;
  for (const name of sourcesOf(config)) {
    if (contentOf(model, [name]) === undefined) putSource(model, name, goodSource(name, random.below(1000)));
  }
}

/**
 * What is not as the configuration wants it, told from the model alone; `undefined` where all is in line. Foreign
 * Secrets, and lists that another tool applies, stay as they are.
 */
export function outOfLine(model: Model): string | undefined {
  const config = configNow(model) as Config;
  const [target] = config.targets as [Config['targets'][number]];
  const content = contentOf(model, sourcesOf(config));
  for (const { name: namespace, annotations, terminating } of model.namespaces.values()) {
    const excluded = annotations[marks.exclude] === 'true' || annotations[marks.patcherExclude] === 'true';
    if (terminating || excluded || !covers(target, namespace)) continue;
    const copy = model.get({ resource: 'secrets', namespace, name: secretName });
    if (!copy) return `no copy in ${namespace}`;
    if (!isOurs(copy) && !isSource(config, copy)) continue;
    if (!isSource(config, copy)) {
      if (copy.fields.get('type') !== copyType) return `the copy in ${namespace} has the wrong type`;
      if (mapOf(copy.fields, 'data')['.dockerconfigjson'] !== content) return `the copy in ${namespace} is not current`;
    }
    for (const account of model.list('serviceaccounts', { namespace })) {
      const record = serviceAccountRecord(account);
      const { include, skipApplied } = target.serviceAccounts;
      const wanted = include.includes('*') || include.includes(account.name);
      if (!wanted || record.annotations[marks.exclude] === 'true') continue;
      if (skipApplied && record.listAppliedBy !== undefined) continue;
      if (!listOf(account).includes(secretName)) return `no reference in ${namespace}/${account.name}`;
    }
  }
  return undefined;
}

/** Every source of the configuration gets a new version; the time for it is the simulation's choice. */
export function rotate(model: Model, random: Random): void {
  for (const name of sourcesOf(configNow(model) as Config)) {
    putSource(model, name, goodSource(name, 1000 + random.below(1000)));
  }
}

/** Whether the sources are still what a run read last. */
export function isUpToDate(model: Model, { sources }: Knowledge): boolean {
  return sourcesOf(configNow(model) as Config).every((name) => {
    const now = model.get({ resource: 'secrets', namespace: release.namespace, name });
    return now !== undefined && sources.get(name)?.resourceVersion === now.resourceVersion;
  });
}

function sourcesOf({ targets }: Config): string[] {
  return targets.flatMap((target) => target.sources.flatMap((one) => ('secret' in one ? [one.secret] : [])));
}

function contentOf(model: Model, names: string[]): string | undefined {
  const secrets = names.map((name) => model.get({ resource: 'secrets', namespace: release.namespace, name }));
  return expectedContent(
    secrets.map((secret) => secret && { type: secret.fields.get('type') ?? '', data: mapOf(secret.fields, 'data') }),
  );
}
