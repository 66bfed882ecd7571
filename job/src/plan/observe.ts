import { allOrErrors } from '../all-or-errors.ts';
import type { Cluster, NamespaceRecord, SecretRecord, ServiceAccountRecord } from '../cluster/cluster.ts';
import type { Config } from '../config/config.ts';
import { isExactName } from '../config/glob.ts';

/** What was observed of the cluster, or of some namespaces of it. */
export interface Observed {
  namespaces: NamespaceRecord[];
  secrets: SecretRecord[];
  serviceAccounts: ServiceAccountRecord[];
}

/** What is in the cluster, as far as the targets are concerned. */
export interface Snapshot {
  namespaces: NamespaceRecord[];
  /** The Secret of a name in a namespace. */
  secret(namespace: string, name: string): SecretRecord | undefined;
  /** Every Secret that has a copy's name. */
  secrets(): SecretRecord[];
  /** The ServiceAccounts of a namespace that some target may want. */
  serviceAccounts(namespace: string): ServiceAccountRecord[];
}

/**
 * Looks at the cluster, or at some namespaces of it, with LISTs only: one of the namespaces, one for each distinct secret
 * name, one for each ServiceAccount name (or one of all ServiceAccounts where a target gives globs). Listing by name is
 * what rights by name allow. No request is made per namespace, but where only some are looked at.
 *
 * @throws an AggregateError of every LIST that failed, so that all missing rights are named at once
 */
export async function observe(cluster: Cluster, names: ObservedNames, inside?: readonly string[]): Promise<Observed> {
  const places = inside?.map((namespace) => ({ namespace })) ?? [{}];
  const namespaceQueries = inside?.map((name) => ({ name })) ?? [{}];
  const [namespaces, secrets, serviceAccounts] = await allOrErrors([
    allOrErrors(namespaceQueries.map((query) => cluster.listNamespaces(query))),
    allOrErrors(places.flatMap((place) => names.secrets.map((name) => cluster.listSecrets({ name, ...place })))),
    allOrErrors(
      places.flatMap((place) =>
        names.serviceAccounts.map((name) => cluster.listServiceAccounts({ ...name, ...place })),
      ),
    ),
  ]);
  return { namespaces: namespaces.flat(), secrets: secrets.flat(), serviceAccounts: serviceAccounts.flat() };
}

/** What was observed, to be looked up in. */
export function snapshotOf(parts: readonly Observed[]): Snapshot {
  const all = <Record>(of: (part: Observed) => Record[]) => parts.flatMap(of);
  const secretsByPlace = new Map(
    all(({ secrets }) => secrets).map((secret) => [`${secret.namespace}/${secret.name}`, secret]),
  );
  const serviceAccountsByNamespace = Map.groupBy(
    all(({ serviceAccounts }) => serviceAccounts),
    (serviceAccount) => serviceAccount.namespace,
  );
  return {
    namespaces: all(({ namespaces }) => namespaces),
    secret: (namespace, name) => secretsByPlace.get(`${namespace}/${name}`),
    secrets: () => [...secretsByPlace.values()],
    serviceAccounts: (namespace) => serviceAccountsByNamespace.get(namespace) ?? [],
  };
}

/** What is listed by name. One entry without a name stands for all ServiceAccounts. */
export interface ObservedNames {
  secrets: string[];
  serviceAccounts: Array<{ name?: string }>;
}

/** The names that a configuration speaks of, previous ones included: what is to be undone has to be seen. */
export function observedNames({ targets, previousSecretNames, previousServiceAccounts }: Config): ObservedNames {
  const secrets = new Set([...targets.map((target) => target.secretName), ...previousSecretNames]);
  const globs = new Set([...targets.flatMap((target) => target.serviceAccounts.include), ...previousServiceAccounts]);
  const exact = [...globs].every(isExactName);
  return { secrets: [...secrets], serviceAccounts: exact ? [...globs].map((name) => ({ name })) : [{}] };
}
