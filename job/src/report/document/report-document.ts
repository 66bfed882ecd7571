import type { Action, Conflict } from '../../plan/placement.ts';
import type { LeftOutBy } from '../../plan/selection.ts';
import type { Problem } from '../../problem.ts';

/**
 * What `plan` and `status` know of a cluster, as `--output json` writes it; every other format shows the same. It holds no
 * credential. Programs read it: within one version fields are only added.
 */
export interface ReportDocument {
  reportVersion: 1;
  command: 'plan' | 'status';
  /** When it was looked: ISO 8601. */
  time: string;
  /** Of pullsecret-sync. */
  version: string;
  /** `<namespace>/<name>` of the Helm release. */
  release: string;
  /** The kubeconfig's context; `null` in a pod of the cluster. */
  context: string | null;
  /** `incomplete`: not all could be looked at, or a target's sources are not in order; `problems` and `targets` say why. */
  verdict: 'inLine' | 'drift' | 'incomplete';
  summary: ReportSummary;
  /** What concerns no single namespace. */
  problems: Problem[];
  /** How the last run ended; `null` where none left a status that can be read. */
  lastRun: ReportedRun | null;
  /** In the order in which they count: the first of one secret name that selects a namespace has it. */
  targets: ReportedTarget[];
  /** By name; all that there are. */
  namespaces: ReportedNamespace[];
  /** By host. */
  registries: ReportedRegistry[];
  /** Pods that came before their reference and cannot pull: those that a run would evict (`plan`), or all (`status`). */
  stuckPods: ReportedPod[];
  /** Programs that changed copies before the last run. */
  writers: ReportedWriter[];
  /** Copies that would go, had they not been too many (`maxRemovePercent`). */
  withheldRemovals: number;
  /** References to copies that stay, likewise. */
  withheldReferences: number;
}

/** How a target stands in a namespace, or a namespace as a whole, the worst first. */
export const states = ['failed', 'blocked', 'drift', 'conflict', 'inLine', 'leftOut'] as const;
/**
 * - `failed`: a run would change something, and the last one could not
 * - `blocked`: the target's sources are not in order, so its copy stays as it is
 * - `drift`: a run would change something
 * - `conflict`: something belongs to someone else and is kept
 * - `inLine`: as it should be
 * - `leftOut`: the target does not select the namespace
 */
export type State = (typeof states)[number];
export type StateCounts = Record<State, number>;

/** Namespaces by state, and what was found. */
export interface ReportSummary {
  /** All that there are. */
  namespaces: number;
  /** Those that a target selects. */
  selected: number;
  states: StateCounts;
  actions: number;
  conflicts: number;
  stuckPods: number;
}

export interface ReportedRun {
  /** ISO 8601. */
  finished: string;
  exitCode: number;
  failures: ReportedFailure[];
}

export interface ReportedFailure extends Problem {
  /** `null`: no single one. */
  namespace: string | null;
}

export interface ReportedTarget {
  name: string;
  secretName: string;
  /** In words: `Secret registry-login`. */
  sources: string[];
  /** The hosts that it has a login for, as keys of a docker config. */
  registries: string[];
  problems: Problem[];
  warnings: string[];
  /** Its namespaces by state. */
  states: StateCounts;
}

export interface ReportedNamespace {
  name: string;
  /** The worst of its targets. */
  state: State;
  /** One for each target in their order, and then what no target wants any more. */
  targets: ReportedCell[];
}

/** A target in a namespace. */
export interface ReportedCell {
  /** `null`: no target wants the copy any more, and there is something left to do. */
  target: string | null;
  secretName: string;
  state: State;
  /** Only with `leftOut`. `otherTarget`: an earlier one of the same secret name has the namespace. */
  leftOutBy: LeftOutBy | 'otherTarget' | 'terminating' | null;
  /** What a run would do, what it would leave alone, and what the last one could not do. */
  findings: Finding[];
}

export interface Finding {
  type: 'action' | 'conflict' | 'failure';
  kind: Action['kind'] | Conflict['kind'] | 'lastRunFailed';
  message: string;
  /** `null` where a run puts it right. */
  fix: string | null;
  /** What it is about: `serviceAccount`, `owner`, `declaredBy`, `because`, `takenFrom`, `takesOff`. */
  details: Record<string, string>;
}

export interface ReportedRegistry {
  host: string;
  /** Those that have a login for it. */
  targets: string[];
  /** In how many namespaces pods can, or after a run could, pull from it. */
  namespaces: number;
}

export interface ReportedPod {
  namespace: string;
  name: string;
  image: string;
  secretName: string;
  /** `<kind>/<name>` of what makes it anew. */
  controller: string;
  /** The command that lets it be made anew. */
  fix: string;
}

export interface ReportedWriter {
  writer: string;
  namespaces: string[];
  fix: string;
}
