import type { Cluster } from '../cluster/cluster.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import type { Config, Release } from '../config/config.ts';
import type { Mask } from '../credentials/masking.ts';
import { marks } from '../plan/marks.ts';
import { addNames, allNames, forgottenNames, type NamesInUse } from '../plan/names-in-use.ts';
import type { RefusedLogin } from '../registry/refused-logins.ts';
import {
  type EarlierStatus,
  type Ending,
  formatEnding,
  formatNames,
  type LastRun,
  parseLastRun,
  parseStatus,
} from './status-text.ts';

/** How often the status is written anew when another run wrote it at the same time. */
const attempts = 3;
const statusKey = 'status.yaml';

/**
 * The name of the status ConfigMap in the release namespace. The chart grants the right to write it by this name, so
 * its helper `pullsecret-sync.statusName` says the same.
 */
export function statusName({ name }: Release): string {
  return name.includes('pullsecret-sync') ? `${name}-status` : `${name}-pullsecret-sync-status`;
}

/**
 * Writes down how a run ended, for people and other programs. A run that began later keeps its status.
 *
 * @param mask hides credentials that others quote in a refusal
 * @returns every name that this run or an earlier one used
 */
export async function writeStatus(
  cluster: Cluster,
  release: Release,
  { ending, mask }: { ending: Ending; mask: Mask },
): Promise<NamesInUse> {
  const used = 'names' in ending.outcome ? ending.outcome.names : noNames;
  const earlier = await rewrite(cluster, release, (before) => {
    if (isLater(before.started, ending)) return undefined;
    const namesInUse = addNames(before.namesInUse, used);
    return formatEnding(ending, { ...before, namesInUse }, mask);
  });
  return addNames(earlier.namesInUse, used);
}

/**
 * Where a run that began after another one ended may still come first with its status, for writing takes its time, and clocks
 * count that are a minute off: milliseconds.
 */
const longestWriting = 600_000;

/** A begin that is yet to come was written by a clock that was wrong, and would keep every status away until then. */
function isLater(began: string, { started, finished }: Ending): boolean {
  return began > started.toISOString() && Date.parse(began) <= finished.getTime() + longestWriting;
}

/** Adds names to the status that it does not hold yet, and leaves the rest of it. */
export function recordNames(cluster: Cluster, release: Release, names: NamesInUse): Promise<EarlierStatus> {
  return rewrite(cluster, release, (before) => {
    const namesInUse = addNames(before.namesInUse, names);
    return JSON.stringify(namesInUse) === JSON.stringify(before.namesInUse)
      ? undefined
      : formatNames({ ...before, namesInUse });
  });
}

/** The names that earlier runs used and the configuration knows no more. */
export async function readForgotten(cluster: Cluster, config: Config): Promise<NamesInUse> {
  const { release } = config;
  const observed = await cluster.readConfigMap(release.namespace, statusName(release));
  return forgottenNames(config, allNames(config, parseStatus(observed?.data[statusKey]).namesInUse));
}

/** The logins that registries refused at the end of the last run. */
export async function readRefusedLogins(
  cluster: Pick<Cluster, 'readConfigMap'>,
  release: Release,
): Promise<RefusedLogin[]> {
  const observed = await cluster.readConfigMap(release.namespace, statusName(release));
  return parseStatus(observed?.data[statusKey]).refusedLogins;
}

/** How the last run ended; `undefined` where none left a status that can be read. */
export async function readLastRun(
  cluster: Pick<Cluster, 'readConfigMap'>,
  release: Release,
): Promise<LastRun | undefined> {
  const observed = await cluster.readConfigMap(release.namespace, statusName(release));
  return parseLastRun(observed?.data[statusKey]);
}

const noNames: NamesInUse = { secrets: [], serviceAccounts: [] };

/**
 * Writes the text that follows from the one that is there, `undefined`: as it is.
 *
 * @returns the status that was there before
 */
async function rewrite(
  cluster: Cluster,
  release: Release,
  next: (earlier: EarlierStatus) => string | undefined,
): Promise<EarlierStatus> {
  const place = { namespace: release.namespace, name: statusName(release) };
  for (let attempt = 1; ; attempt++) {
    const observed = await cluster.readConfigMap(place.namespace, place.name);
    const earlier = parseStatus(observed?.data[statusKey]);
    const text = next(earlier);
    if (text === undefined) return earlier;
    try {
      await cluster.applyConfigMap({
        ...place,
        observed: observed && { uid: observed.uid, resourceVersion: observed.resourceVersion },
        labels: { [marks.managedBy]: marks.managedByValue },
        data: { [statusKey]: text },
      });
      return earlier;
    } catch (error) {
      if (!(error instanceof ClusterError) || error.kind !== 'conflict' || attempt === attempts) throw error;
    }
  }
}
