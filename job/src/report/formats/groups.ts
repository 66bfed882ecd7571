import { type Finding, type ReportDocument, type State, states } from '../document/report-document.ts';

/** The same findings in many namespaces: what a person reads once. */
export interface FindingGroup {
  state: State;
  /** `null`: what no target wants any more. */
  target: string | null;
  secretName: string;
  findings: Finding[];
  /** By name. */
  namespaces: string[];
}

/** All that is not in line, the worst first, and then what stands in most namespaces. */
export function groupFindings({ namespaces }: ReportDocument): FindingGroup[] {
  const groups = new Map<string, FindingGroup>();
  for (const { name, targets } of namespaces) {
    for (const { target, secretName, state, findings } of targets) {
      if (state === 'inLine' || state === 'leftOut') continue;
      const key = JSON.stringify([state, target, secretName, findings]);
      const group = groups.get(key) ?? { state, target, secretName, findings, namespaces: [] };
      group.namespaces.push(name);
      groups.set(key, group);
    }
  }
  return [...groups.values()].toSorted(
    (one, other) =>
      states.indexOf(one.state) - states.indexOf(other.state) || other.namespaces.length - one.namespaces.length,
  );
}
