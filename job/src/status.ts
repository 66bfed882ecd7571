import { stringify } from 'yaml';
import type { Cluster } from './cluster.ts';
import { remedy } from './cluster-error.ts';
import type { Release } from './config.ts';
import { describeConflict } from './describe.ts';
import type { RunResult } from './engine.ts';
import { marks } from './marks.ts';
import { summarise } from './report.ts';

/** Conflicts and failures that are named one by one, each; the rest is counted. A ConfigMap holds 1 MiB at most. */
const mostNamed = 50;

export interface StatusInput {
  result: RunResult;
  exitCode: number;
  started: Date;
  finished: Date;
  version: string;
}

/**
 * The name of the status ConfigMap in the release namespace. The chart grants the right to write it by this name, so
 * its helper `pullsecret-sync.statusName` says the same.
 */
export function statusName({ name }: Release): string {
  return name.includes('pullsecret-sync') ? `${name}-status` : `${name}-pullsecret-sync-status`;
}

/** Writes down how the run ended, for people and other programs: `kubectl get configmap`. */
export async function writeStatus(cluster: Cluster, input: StatusInput): Promise<void> {
  const { release } = input.result.config;
  await cluster.applyConfigMap({
    namespace: release.namespace,
    name: statusName(release),
    labels: { [marks.managedBy]: marks.managedByValue },
    data: { 'status.yaml': formatStatus(input) },
  });
}

function formatStatus({ result, exitCode, started, finished, version }: StatusInput): string {
  const conflicts = result.placements.flatMap((placement) =>
    placement.conflicts.map((conflict) => {
      const [message, fields] = describeConflict(placement, conflict);
      return { message, ...fields };
    }),
  );
  const failures = [
    ...result.problems,
    ...result.placements.flatMap(({ namespace, failure }) =>
      failure ? [{ namespace, message: failure.message, fix: remedy(failure) }] : [],
    ),
  ];
  return stringify(
    {
      version,
      started: started.toISOString(),
      finished: finished.toISOString(),
      exitCode,
      ...summarise(result),
      targets: result.targets.map(({ target, problems }) => ({
        name: target.name,
        secretName: target.secretName,
        problems,
      })),
      conflictsNamed: conflicts.slice(0, mostNamed),
      failuresNamed: failures.slice(0, mostNamed),
    },
    { version: '1.1', lineWidth: 0 },
  );
}
