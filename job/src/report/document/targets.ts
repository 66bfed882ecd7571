import type { LoadedTarget } from '../../credentials/sources.ts';
import type { ReportedNamespace, ReportedRegistry, ReportedTarget, State, StateCounts } from './report-document.ts';

export function reportTarget(
  { target, sources, logins, problems, warnings }: LoadedTarget,
  namespaces: readonly ReportedNamespace[],
): ReportedTarget {
  const cells = namespaces.flatMap((namespace) => namespace.targets.filter((cell) => cell.target === target.name));
  return {
    name: target.name,
    secretName: target.secretName,
    sources: sources.map(({ source }) => source),
    registries: [...logins.keys()].toSorted(),
    problems,
    warnings,
    states: countStates(cells),
  };
}

export function countStates(inside: ReadonlyArray<{ state: State }>): StateCounts {
  const counts: StateCounts = { failed: 0, blocked: 0, drift: 0, conflict: 0, inLine: 0, leftOut: 0 };
  for (const { state } of inside) counts[state] += 1;
  return counts;
}

/** The hosts of all targets. A namespace counts where it has the copy, or a run would give it one. */
export function reportRegistries(
  targets: readonly LoadedTarget[],
  namespaces: readonly ReportedNamespace[],
): ReportedRegistry[] {
  const byHost = Map.groupBy(
    targets.flatMap(({ target, logins }) => [...logins.keys()].map((host) => ({ host, target: target.name }))),
    ({ host }) => host,
  );
  const givenBy = namespaces.map(({ targets }) => new Set(targets.filter(isGiven).map(({ target }) => target)));
  return [...byHost.keys()].toSorted().map((host) => {
    const having = byHost.get(host)?.map(({ target }) => target) ?? [];
    return {
      host,
      targets: having,
      namespaces: givenBy.filter((names) => having.some((name) => names.has(name))).length,
    };
  });
}

function isGiven({ state, findings }: ReportedNamespace['targets'][number]): boolean {
  if (state === 'leftOut' || state === 'blocked') return false;
  return !findings.some(({ kind }) => kind === 'keptSecret');
}
