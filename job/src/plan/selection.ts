import type { Target } from '../config/config.ts';
import { matchesAny } from '../config/glob.ts';
import { matchesLabels } from '../config/label-selector.ts';
import { marks } from './marks.ts';

/** What selection needs to know of a Namespace or a ServiceAccount. */
export interface Selectable {
  name: string;
  annotations: Record<string, string>;
}

/** Cluster-internal namespaces, which `excludeSystem` takes out. */
const systemNamespaces = ['kube-system', 'kube-public', 'kube-node-lease', 'openshift', 'openshift-*'];

/** A predicate that says whether a target wants a namespace. Exclusion always wins. */
export function namespaceSelector(
  rules: Target['namespaces'],
): (namespace: Selectable & { labels: Record<string, string> }) => boolean {
  const included = matchesAny(rules.include);
  const excluded = matchesAny([...rules.exclude, ...(rules.excludeSystem ? systemNamespaces : [])]);
  return ({ name, labels, annotations }) =>
    included(name) &&
    !excluded(name) &&
    annotations[marks.exclude] !== 'true' &&
    annotations[marks.patcherExclude] !== 'true' &&
    matchesLabels(rules.selector, labels);
}

/** A predicate that says whether a target wants the reference in a ServiceAccount. Exclusion always wins. */
export function serviceAccountSelector(rules: Target['serviceAccounts']): (serviceAccount: Selectable) => boolean {
  const included = matchesAny(rules.include);
  const excluded = matchesAny(rules.exclude);
  return ({ name, annotations }) => included(name) && !excluded(name) && annotations[marks.exclude] !== 'true';
}
