import pMap from 'p-map';
import { allOrErrors } from '../all-or-errors.ts';
import type { Clock } from '../clock.ts';
import { ClusterError, missingRule } from '../cluster/cluster-error.ts';
import type { Mask } from '../credentials/masking.ts';
import { exitCode } from '../exit-code.ts';
import type { Log } from '../log.ts';
import { ProblemError } from '../problem.ts';
import type { ImportCluster, PatcherRecord } from './import-cluster.ts';
import type { ImportInput } from './import-input.ts';
import { namesToImport } from './names-to-import.ts';
import { isPullSecret, readPullSecret } from './pull-secret.ts';

export interface LookDeps {
  cluster: ImportCluster;
  clock: Clock;
  log: Log;
  mask: Mask;
}

/** LISTs of one name each that go out at the same time. */
const concurrency = 8;

/**
 * Reads what an import goes by. Every password is known to the mask before anything is made of what was read.
 *
 * @throws {ProblemError} where a right is missing, all of them together in an AggregateError
 */
export async function lookAtCluster(
  { cluster, clock, log, mask }: LookDeps,
  secretNames: string[],
): Promise<ImportInput> {
  const [namespaces, serviceAccounts, pullSecrets, patchers] = await allOrErrors([
    needed(cluster.listNamespaces()),
    needed(cluster.listServiceAccounts({})),
    needed(cluster.listPullSecrets()),
    orNote(cluster.listPatchers(), log),
  ]);
  const now = clock.now();
  const read = pullSecrets.map((record) => readPullSecret(record, now));
  for (const { confidential } of read) for (const value of confidential) mask.add(value);
  const input = { namespaces, serviceAccounts, secrets: read, patchers, secretNames, mask: mask.apply };
  // What has a name of theirs and another type is in no list of pull secrets, and in the way all the same.
  const { names } = namesToImport(input);
  const sameNames = await pMap(names, (name) => needed(cluster.listSecrets({ name })), { concurrency });
  const others = sameNames.flat().filter((record) => !isPullSecret(record));
  return { ...input, secrets: [...read, ...others.map((record) => readPullSecret(record, now))] };
}

async function needed<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ClusterError) || error.kind !== 'forbidden') throw error;
    throw new ProblemError(
      {
        message: error.message,
        fix: `choose a context whose user has the rule ${missingRule(error)} in all namespaces`,
      },
      exitCode.incomplete,
    );
  }
}

/** Who may not see Deployments can import all the same. */
async function orNote(answer: Promise<PatcherRecord[]>, log: Log): Promise<PatcherRecord[]> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ClusterError) || error.kind !== 'forbidden') throw error;
    log.warn('it was not looked whether imagepullsecret-patcher runs, which has to be stopped before an installation', {
      reason: error.message,
      fix: `look yourself, or choose a context whose user has the rule ${missingRule(error)} in all namespaces`,
    });
    return [];
  }
}
