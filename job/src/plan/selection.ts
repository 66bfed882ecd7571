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

/** Why a target leaves a namespace out. */
export type LeftOutBy =
  /** `excludeSystem`. */
  | 'system'
  /** A glob of `exclude`. */
  | 'exclude'
  /** An annotation of the namespace. */
  | 'annotation'
  /** No glob of `include` names it. */
  | 'include'
  /** The labels that `selector` asks for. */
  | 'selector';

type SelectableNamespace = Selectable & { labels: Record<string, string> };

/** A predicate that says whether a target wants a namespace. Exclusion always wins. */
export function namespaceSelector(rules: Target['namespaces']): (namespace: SelectableNamespace) => boolean {
  const leftOutBy = namespaceJudge(rules);
  return (namespace) => leftOutBy(namespace) === undefined;
}

/** A function that says what leaves a namespace out, the first of several; `undefined`: the target wants it. */
export function namespaceJudge(rules: Target['namespaces']): (namespace: SelectableNamespace) => LeftOutBy | undefined {
  const included = matchesAny(rules.include);
  const excluded = matchesAny(rules.exclude);
  const isSystem = matchesAny(rules.excludeSystem ? systemNamespaces : []);
  return ({ name, labels, annotations }) => {
    if (isSystem(name)) return 'system';
    if (excluded(name)) return 'exclude';
    if (annotations[marks.exclude] === 'true' || annotations[marks.patcherExclude] === 'true') return 'annotation';
    if (!included(name)) return 'include';
    return matchesLabels(rules.selector, labels) ? undefined : 'selector';
  };
}

/** A predicate that says whether a target wants the reference in a ServiceAccount. Exclusion always wins. */
export function serviceAccountSelector(rules: Target['serviceAccounts']): (serviceAccount: Selectable) => boolean {
  const included = matchesAny(rules.include);
  const excluded = matchesAny(rules.exclude);
  return ({ name, annotations }) => included(name) && !excluded(name) && annotations[marks.exclude] !== 'true';
}
