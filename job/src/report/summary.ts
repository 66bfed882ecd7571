import type { Action } from '../plan/placement.ts';
import { isAnyWithheld } from '../plan/removal-limit.ts';
import type { RunResult } from '../run/run-result.ts';

/** Conflicts and the like that are named one by one, each kind; the rest is counted. A ConfigMap holds 1 MiB at most. */
export const mostNamed = 50;

/** A run in numbers. */
export interface Summary {
  /** Namespaces that some target selects. */
  namespaces: number;
  /** Of these, the ones that are as they should be; with a kept conflict too. */
  inLine: number;
  failed: number;
  conflicts: number;
  /** Copies that another program changed since an earlier run. */
  editedCopies: number;
  copiesCreated: number;
  copiesUpdated: number;
  copiesReplaced: number;
  copiesRemoved: number;
  referencesAdded: number;
  referencesRemoved: number;
  /** Pods that came too early and were evicted, and those that the next run looks at (`recreateStuckPods`). */
  podsEvicted: number;
  podsStuck: number;
  /** Copies that would have gone, had they not been too many (`maxRemovePercent`). */
  removalsWithheld: number;
  /** References to copies that stay, likewise. */
  referencesWithheld: number;
}

export function summarise({
  placements,
  withheldCopies,
  withheldReferences,
  editedCopies,
  recreated,
}: RunResult): Summary {
  const actions = placements.flatMap(({ done }) => done);
  const count = (...kinds: Array<Action['kind']>) => actions.filter(({ kind }) => kinds.includes(kind)).length;
  const selected = Map.groupBy(
    placements.filter(({ desired }) => desired),
    ({ namespace }) => namespace,
  );
  const failed = new Set(placements.filter(({ failure }) => failure).map(({ namespace }) => namespace));
  const inLine = [...selected].filter(
    ([namespace, inside]) => !failed.has(namespace) && inside.every(({ desired }) => desired?.content !== undefined),
  ).length;
  return {
    namespaces: selected.size,
    inLine,
    failed: failed.size,
    conflicts: placements.flatMap(({ conflicts }) => conflicts).length,
    editedCopies: editedCopies.length,
    copiesCreated: count('createCopy'),
    copiesUpdated: count('updateCopy'),
    copiesReplaced: count('replaceCopy'),
    copiesRemoved: count('deleteCopy', 'handBackCopy'),
    referencesAdded: count('addReference'),
    referencesRemoved: count('removeReference'),
    podsEvicted: recreated.pods.length,
    podsStuck: recreated.left,
    removalsWithheld: withheldCopies?.removals ?? 0,
    referencesWithheld: withheldReferences?.removals ?? 0,
  };
}

/** Whether a run left nothing undone. Conflicts are kept, and that is as it should be. */
export function isComplete(result: RunResult): boolean {
  const { failed } = summarise(result);
  return (
    !result.standsStill &&
    !result.interrupted &&
    result.problems.length === 0 &&
    result.recreated.problems.length === 0 &&
    result.targets.every(({ problems }) => problems.length === 0) &&
    failed === 0 &&
    !isAnyWithheld(result)
  );
}
