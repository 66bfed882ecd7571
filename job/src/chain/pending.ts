import type { NamespaceRecord } from '../cluster/cluster.ts';
import type { Snapshot } from '../plan/observe.ts';
import { isCopyWrite, type Placement } from '../plan/placement.ts';
import { planPlacements } from '../plan/plan.ts';
import type { Observed, SeenTarget } from './observed.ts';

/** What a run would do in the namespace, as far as it can be seen. */
export function placementsIn(
  place: NamespaceRecord,
  { config, targets, secrets, serviceAccounts, now }: Observed,
): Placement[] {
  const seen = (name: string) => secrets.get(name) ?? { is: undefined };
  const record = (name: string) => {
    const secret = seen(name);
    return 'is' in secret ? secret.is?.record : undefined;
  };
  const snapshot: Snapshot = {
    namespaces: [place],
    secret: (_, name) => record(name),
    secrets: () => [...secrets.keys()].flatMap((name) => record(name) ?? []),
    serviceAccounts: () => ('is' in serviceAccounts ? serviceAccounts.is : []),
  };
  const placements = planPlacements({ rules: config, targets, snapshot, now });
  return placements.filter(({ secretName, retired }) => !retired && 'is' in seen(secretName));
}

export function placementOf({ target }: SeenTarget, placements: readonly Placement[]): Placement | undefined {
  return placements.find(({ secretName }) => secretName === target.secretName);
}

/**
 * Whether something of these targets waits for a run.
 *
 * @param counts which ServiceAccounts matter
 */
export function isPending(
  targets: readonly SeenTarget[],
  placements: readonly Placement[],
  counts: (serviceAccount: string) => boolean,
): boolean {
  return targets
    .flatMap((target) => placementOf(target, placements)?.actions ?? [])
    .some((action) => isCopyWrite(action) || (action.kind === 'addReference' && counts(action.serviceAccount.name)));
}
