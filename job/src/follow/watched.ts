import type { WatchedChange, WatchQuery } from '../cluster/cluster.ts';
import type { Config } from '../config/config.ts';
import { observedNames } from '../plan/observe.ts';
import { everything, type Work } from './agenda.ts';

/** What a follower watches for a configuration: what a run looks at, and the sources. */
export function watchedObjects(config: Config): WatchQuery[] {
  const { secrets, serviceAccounts } = observedNames(config);
  const { namespace } = config.release;
  const sources = new Set(
    config.targets.flatMap(({ sources }) => sources.flatMap((one) => ('secret' in one ? [one.secret] : []))),
  );
  return [
    { resource: 'namespaces' },
    ...secrets.map((name): WatchQuery => ({ resource: 'secrets', name })),
    ...serviceAccounts.map((query): WatchQuery => ({ resource: 'serviceaccounts', ...query })),
    ...[...sources].map((name): WatchQuery => ({ resource: 'secrets', namespace, name })),
  ];
}

/** The files among the sources. */
export function watchedFiles({ targets }: Config): string[] {
  return [...new Set(targets.flatMap(({ sources }) => sources.flatMap((one) => ('file' in one ? [one.file] : []))))];
}

/** The ConfigMap `<namespace>/<name>` of the configuration. */
export function watchedConfigMap(configMap: string): WatchQuery {
  const [namespace = '', name = ''] = configMap.split('/');
  return { resource: 'configmaps', namespace, name };
}

/** What has to be looked at after a change; `undefined`: nothing. */
export function workAfter(
  query: WatchQuery,
  { namespace, gone }: Pick<WatchedChange, 'namespace' | 'gone'>,
): Work | undefined {
  // Only sources and the configuration are watched in one namespace.
  if (query.namespace !== undefined) return everything;
  return query.resource === 'namespaces' && gone ? undefined : namespace;
}
