import type { NamespaceRecord } from '../../cluster/cluster.ts';
import type { LogFields } from '../../log.ts';
import type { Placement } from '../../plan/placement.ts';
import { namespaceJudge } from '../../plan/selection.ts';
import type { PlanResult } from '../../run/engine.ts';
import { describeAction, describeConflict } from '../describe.ts';
import {
  type Finding,
  type ReportedCell,
  type ReportedFailure,
  type ReportedNamespace,
  type State,
  states,
} from './report-document.ts';

/** A function that tells how each target stands in a namespace. */
export function namespaceReporter(
  { targets, placements }: PlanResult,
  failures: readonly ReportedFailure[],
): (namespace: NamespaceRecord) => ReportedNamespace {
  const judges = targets.map(({ target }) => ({ target, leftOutBy: namespaceJudge(target.namespaces) }));
  const placementsIn = Map.groupBy(placements, ({ namespace }) => namespace);
  const failuresIn = Map.groupBy(failures, ({ namespace }) => namespace);
  return (namespace) => {
    const inside = placementsIn.get(namespace.name) ?? [];
    const failed = failuresIn.get(namespace.name) ?? [];
    const wanted = judges.map(({ target, leftOutBy }): ReportedCell => {
      const { name, secretName } = target;
      const placement = inside.find((one) => !one.retired && one.desired?.target.name === name);
      if (placement) return cellOf(placement, name, failed);
      const because = namespace.terminating ? 'terminating' : (leftOutBy(namespace) ?? 'otherTarget');
      return { target: name, secretName, state: 'leftOut', leftOutBy: because, findings: [] };
    });
    const unwanted = inside
      .filter(
        ({ desired, retired, actions, conflicts }) => (retired || !desired) && actions.length + conflicts.length > 0,
      )
      .map((placement) => cellOf(placement, null, failed));
    const cells = [...wanted, ...unwanted];
    const state = states.find((one) => cells.some((cell) => cell.state === one)) ?? 'leftOut';
    return { name: namespace.name, state, targets: cells };
  };
}

function cellOf(placement: Placement, target: string | null, failures: readonly ReportedFailure[]): ReportedCell {
  const actions = placement.actions.map((action) =>
    findingOf('action', action.kind, describeAction(placement, action, 'planned')),
  );
  const conflicts = placement.conflicts.map((conflict) =>
    findingOf('conflict', conflict.kind, describeConflict(placement, conflict)),
  );
  // What the last run could not do is history where nothing is left to do.
  const failed = (actions.length > 0 ? failures : []).map(
    ({ message, fix }): Finding => ({ type: 'failure', kind: 'lastRunFailed', message, fix, details: {} }),
  );
  const findings = [...failed, ...actions, ...conflicts];
  return { target, secretName: placement.secretName, state: stateOf(placement, findings), leftOutBy: null, findings };
}

function stateOf({ desired }: Placement, findings: readonly Finding[]): State {
  const has = (type: Finding['type']) => findings.some((finding) => finding.type === type);
  if (has('failure')) return 'failed';
  if (desired && desired.content === undefined) return 'blocked';
  if (has('action')) return 'drift';
  return has('conflict') ? 'conflict' : 'inLine';
}

function findingOf(
  type: Finding['type'],
  kind: Finding['kind'],
  [message, { namespace: _, secret: __, fix, ...about }]: [message: string, fields: LogFields],
): Finding {
  const details = Object.entries(about).flatMap(([key, value]) => (value === undefined ? [] : [[key, `${value}`]]));
  return { type, kind, message, fix: fix === undefined ? null : `${fix}`, details: Object.fromEntries(details) };
}
