/** What an import found, and what would manage it. It holds no credential. */
export interface ImportDescription {
  /** The first one is the chart's top-level values, the others are profiles. None: there is nothing to manage. */
  targets: ImportedTarget[];
  /** Conflicts to expect, and what else stands in the way. */
  findings: Finding[];
  /** What was looked at and is not in the targets, and why. */
  leftOut: Finding[];
}

/** A target as the chart's values have it, with what there is to say of each part. */
export interface ImportedTarget {
  /** Its key in `profiles`; the first target has none. */
  key: string;
  secretName: string;
  /** Where another profile of the same Secret name selects the same namespaces. */
  priority: number;
  registries: Array<{ key: string; server: string }>;
  namespaces: NamespaceRules;
  serviceAccounts: string[];
  onConflict: 'keep' | 'adopt';
  remarks: {
    target: string[];
    registries: string[];
    namespaces: string[];
    serviceAccounts: string[];
    onConflict: string[];
  };
}

export interface NamespaceRules {
  include: string[];
  exclude: string[];
  excludeSystem: boolean;
}

/** One thing to know, and of what it is true. */
export interface Finding {
  what: string;
  /** Names of objects, such as `Secret team-a/regcred`. */
  places: string[];
  fix?: string;
}

/** Findings with one sentence become one. */
export function joinFindings(findings: readonly Finding[]): Finding[] {
  return [...Map.groupBy(findings, ({ what }) => what).values()].map((same) => ({
    ...(same[0] as Finding),
    places: [...new Set(same.flatMap(({ places }) => places))],
  }));
}
