import type { Config } from '../config/config.ts';
import type { LoadedTarget } from '../credentials/sources.ts';
import type { EditedCopy } from '../plan/edited-copies.ts';
import type { NamesInUse } from '../plan/names-in-use.ts';
import { placeOf } from '../plan/placement.ts';
import { nothingWithheld, type WithheldRemovals } from '../plan/removal-limit.ts';
import type { Removal } from '../plan/removals.ts';
import type { StuckPod } from '../pods/stuck-pods.ts';
import type { Problem } from '../problem.ts';
import type { RefusedLogin } from '../registry/refused-logins.ts';
import type { PlacementOutcome } from './carry-out.ts';

/** What a run found and did. */
export interface RunResult extends WithheldRemovals {
  config: Config;
  targets: LoadedTarget[];
  placements: PlacementOutcome[];
  /** What its passes set out to remove: of some nobody knows whether it went. */
  removals: Removal[];
  /** Faults that concern no single namespace: a missing right, an API server that does not answer. */
  problems: Problem[];
  /** Copies that another program changed since an earlier run. */
  editedCopies: EditedCopy[];
  /** The names of every configuration that the run worked with. */
  names: NamesInUse;
  /** Logins that registries refused; `undefined` where the run did not come to look. */
  refusedLogins: RefusedLogin[] | undefined;
  /** The targets of which a copy may be written; see {@link checkLogins}. */
  cleared: ReadonlySet<string>;
  recreated: RecreatedPods;
  /** A cleanup of the release is under way, so the run did nothing, or nothing more. It counts as not done. */
  standsStill: boolean;
  /** The run was told to stop before its end. */
  interrupted: boolean;
}

/** What became of pods that came too early, where the configuration asks for that. */
export interface RecreatedPods {
  /** Evicted, so that their controllers make them anew. */
  pods: StuckPod[];
  /** Evictions of which nobody knows whether they took effect. */
  uncertain: number;
  /** Stuck ones that the next run looks at, since `maxPerRun` were evicted. */
  left: number;
  problems: Problem[];
}

/** A run that did nothing yet. */
export function emptyResult(config: Config): RunResult {
  return {
    config,
    targets: [],
    placements: [],
    ...nothingWithheld,
    removals: [],
    problems: [],
    editedCopies: [],
    names: { secrets: [], serviceAccounts: [] },
    refusedLogins: undefined,
    cleared: new Set(),
    recreated: { pods: [], uncertain: 0, left: 0, problems: [] },
    standsStill: false,
    interrupted: false,
  };
}

/** The outcomes of a further pass, with what the passes before it did. Only the last one tells what is not in line. */
export function addOutcomes(before: readonly PlacementOutcome[], now: readonly PlacementOutcome[]): PlacementOutcome[] {
  const earlier = new Map(before.filter(({ done }) => done.length > 0).map((outcome) => [placeOf(outcome), outcome]));
  const both = now.map((outcome) => ({
    ...outcome,
    done: [...(earlier.get(placeOf(outcome))?.done ?? []), ...outcome.done],
  }));
  for (const outcome of now) earlier.delete(placeOf(outcome));
  const gone = [...earlier.values()].map((outcome) => ({
    ...outcome,
    desired: undefined,
    actions: [],
    conflicts: [],
    failure: undefined,
  }));
  return [...both, ...gone];
}

/** Copies that another program changed, each once, as the last pass saw it. */
export function addEditedCopies(before: readonly EditedCopy[], now: readonly EditedCopy[]): EditedCopy[] {
  const all = [...before, ...now];
  return [...new Map(all.map((copy) => [`${copy.namespace}/${copy.secretName}`, copy])).values()];
}
