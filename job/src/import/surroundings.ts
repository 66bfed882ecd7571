import type { NamespaceRecord, ServiceAccountRecord } from '../cluster/cluster.ts';
import { namespaceSelector, type Selectable, serviceAccountSelector } from '../plan/selection.ts';

/** The namespaces that a release may select, and the ServiceAccounts in them that it may change. */
export interface Surroundings {
  namespaces: NamespaceRecord[];
  isSystem(namespace: string): boolean;
  serviceAccounts: ServiceAccountRecord[];
  /** Namespaces that an annotation takes out. */
  excluded: string[];
}

const everywhere = { include: ['*'], exclude: [], excludeSystem: false, selector: {} };

export function surroundingsOf(
  namespaces: readonly NamespaceRecord[],
  serviceAccounts: readonly ServiceAccountRecord[],
): Surroundings {
  const live = namespaces.filter(({ terminating }) => !terminating);
  const isSelectable = namespaceSelector(everywhere);
  const selectable = live.filter(isSelectable);
  const names = new Set(selectable.map(({ name }) => name));
  const isOrdinary = namespaceSelector({ ...everywhere, excludeSystem: true });
  const ordinary = new Set(selectable.filter(isOrdinary).map(({ name }) => name));
  const isWantable: (serviceAccount: Selectable) => boolean = serviceAccountSelector({
    include: ['*'],
    exclude: [],
    skipApplied: true,
  });
  return {
    namespaces: selectable,
    isSystem: (name) => names.has(name) && !ordinary.has(name),
    serviceAccounts: serviceAccounts.filter((one) => names.has(one.namespace) && isWantable(one)),
    excluded: live.filter((namespace) => !isSelectable(namespace)).map(({ name }) => name),
  };
}
