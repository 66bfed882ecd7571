import { parse, stringify } from 'yaml';
import type { Cluster } from './cluster.ts';
import { ClusterError, remedy } from './cluster-error.ts';
import type { Config, Release } from './config.ts';
import { describeConflict, describeWithheld } from './describe.ts';
import type { RunResult } from './engine.ts';
import { isRecord } from './json.ts';
import { marks } from './marks.ts';
import { type Mask, maskStrings } from './masking.ts';
import { allNames, forgottenNames, type NamesInUse } from './names-in-use.ts';
import { summarise } from './summary.ts';

/** Conflicts and failures that are named one by one, each; the rest is counted. A ConfigMap holds 1 MiB at most. */
const mostNamed = 50;
/** How often the status is written anew when another run wrote it at the same time. */
const attempts = 3;
const statusKey = 'status.yaml';

export interface StatusInput {
  /** Hides credentials that others quote in a refusal. */
  mask: Mask;
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

/**
 * Writes down how the run ended, for people and other programs. A run that began later keeps its status.
 *
 * @returns the names that earlier runs used and the configuration knows no more
 */
export async function writeStatus(cluster: Cluster, input: StatusInput): Promise<NamesInUse> {
  const { release } = input.result.config;
  const place = { namespace: release.namespace, name: statusName(release) };
  for (let attempt = 1; ; attempt++) {
    const observed = await cluster.readConfigMap(place.namespace, place.name);
    const earlier = readStatus(observed?.data[statusKey]);
    const names = allNames(input.result.config, earlier.namesInUse);
    const forgotten = forgottenNames(input.result.config, names);
    if (earlier.started > input.started.toISOString()) return forgotten;
    try {
      const labels = { [marks.managedBy]: marks.managedByValue };
      const version = observed && { uid: observed.uid, resourceVersion: observed.resourceVersion };
      await cluster.applyConfigMap({
        ...place,
        observed: version,
        labels,
        data: { [statusKey]: formatStatus(input, names) },
      });
      return forgotten;
    } catch (error) {
      if (!(error instanceof ClusterError) || error.kind !== 'conflict' || attempt === attempts) throw error;
    }
  }
}

/** The names that earlier runs used and the configuration knows no more. */
export async function readForgotten(cluster: Cluster, config: Config): Promise<NamesInUse> {
  const { release } = config;
  const observed = await cluster.readConfigMap(release.namespace, statusName(release));
  return forgottenNames(config, allNames(config, readStatus(observed?.data[statusKey]).namesInUse));
}

/** What a later run has to know of an earlier status; nothing where there is none, or none that can be read. */
function readStatus(text: string | undefined): { started: string; namesInUse: NamesInUse } {
  const nothing = { started: '', namesInUse: { secrets: [], serviceAccounts: [] } };
  try {
    const status: unknown = parse(text ?? '');
    if (!isRecord(status) || !isRecord(status.namesInUse)) return nothing;
    const { secrets, serviceAccounts } = status.namesInUse;
    return {
      started: typeof status.started === 'string' ? status.started : '',
      namesInUse: { secrets: strings(secrets), serviceAccounts: strings(serviceAccounts) },
    };
  } catch {
    return nothing;
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function formatStatus(
  { mask, result, exitCode, started, finished, version }: StatusInput,
  namesInUse: NamesInUse,
): string {
  const conflicts = result.placements.flatMap((placement) =>
    placement.conflicts.map((conflict) => {
      const [message, fields] = describeConflict(placement, conflict);
      return { message, ...fields };
    }),
  );
  const withheld = result.withheldRemovals > 0 ? [describeWithheld(result)] : [];
  const failures = [
    ...result.problems,
    ...withheld.map(([message, fields]) => ({ message, ...fields })),
    ...result.placements.flatMap(({ namespace, failure }) =>
      failure ? [{ namespace, message: failure.message, fix: remedy(failure) }] : [],
    ),
  ];
  const told = {
    targets: result.targets.map(({ target, sources, problems }) => ({
      name: target.name,
      secretName: target.secretName,
      sources,
      problems,
    })),
    conflictsNamed: conflicts.slice(0, mostNamed),
    failuresNamed: failures.slice(0, mostNamed),
  };
  return stringify(
    {
      version,
      started: started.toISOString(),
      finished: finished.toISOString(),
      exitCode,
      ...summarise(result),
      ...maskStrings(told, mask),
      // Names from the configuration, which the next run has to find as they are.
      namesInUse,
    },
    { version: '1.1', lineWidth: 0 },
  );
}
