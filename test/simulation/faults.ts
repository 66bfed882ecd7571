import type { Cluster } from '../../job/src/cluster.ts';
import { ClusterError, type ClusterErrorKind } from '../../job/src/cluster-error.ts';
import type { Witness } from './invariants.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** A process that the engine runs in: what stands between it and the API server. */
export interface Process {
  name: string;
  /** It was killed: it does nothing any more and hears no answer. */
  killed: boolean;
  stop: AbortController;
}

/** How often what goes wrong; all zero once faults stop. */
export interface FaultRates {
  fault: number;
  slow: number;
}

export interface FaultDeps {
  scheduler: Scheduler;
  random: Random;
  rates: FaultRates;
  process: Process;
  witness: Witness;
  trace(text: () => string): void;
}

const methods = [
  'listNamespaces',
  'listSecrets',
  'listServiceAccounts',
  'createSecret',
  'updateSecret',
  'deleteSecret',
  'patchServiceAccount',
  'readSecret',
  'readConfigMap',
  'applyConfigMap',
] as const satisfies ReadonlyArray<keyof Cluster>;

const beforeEffect: ClusterErrorKind[] = ['unreachable', 'server', 'throttled', 'unauthorized', 'forbidden'];
const beforeWrite: ClusterErrorKind[] = [...beforeEffect, 'conflict', 'denied', 'quota'];
const afterEffect: ClusterErrorKind[] = ['unreachable', 'server'];

/**
 * A cluster behind a network: each request takes effect on one turn and is answered on a later one, and anything may
 * happen before, between and after. A request that is under way when its process is killed may still take effect.
 */
export function withFaults(cluster: Cluster, deps: FaultDeps): Cluster {
  const faulty = methods.map((method) => {
    const call = cluster[method] as (...args: unknown[]) => Promise<unknown>;
    return [method, (...args: unknown[]) => request(method, args, () => call(...args), deps)];
  });
  return Object.fromEntries(faulty);
}

async function request(
  method: keyof Cluster,
  args: readonly unknown[],
  effect: () => Promise<unknown>,
  { scheduler, random, rates, process, witness, trace }: FaultDeps,
): Promise<unknown> {
  const write = !method.startsWith('list') && !method.startsWith('read');
  const heard = (answer: unknown, at: number) => {
    witness.hear(method, args, answer, at);
    return answer;
  };
  const say = (what: string) => trace(() => `${process.name}: ${method} ${JSON.stringify(args)} → ${what}`);
  if (process.killed) return never();
  await scheduler.turn();
  if (process.killed && random.chance(0.5)) return never();
  if (!process.killed && process.stop.signal.aborted) throw refused('interrupted');

  const fault = random.chance(rates.fault);
  if (fault && random.chance(0.5)) {
    const kind = random.pick(write ? beforeWrite : beforeEffect);
    say(`${kind}, without effect`);
    throw heard(refused(kind), witness.now());
  }
  let answer: unknown;
  let failure: unknown;
  try {
    answer = await effect();
    say(process.killed ? 'done, for a process that was killed' : write ? 'done' : JSON.stringify(answer));
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    say(error.kind);
    failure = error;
  }
  const at = witness.now();
  if (random.chance(rates.slow)) await scheduler.clock.sleep(random.below(30_000));
  await scheduler.turn();
  if (process.killed) return never();
  if (process.stop.signal.aborted) throw refused('interrupted');
  if (fault) {
    const kind = random.pick(afterEffect);
    trace(() => `${process.name}: ${method} answers ${kind}`);
    throw heard(refused(kind), at);
  }
  if (failure) throw heard(failure, at);
  return heard(answer, at);
}

function refused(kind: ClusterErrorKind): ClusterError {
  return new ClusterError(kind, { verb: 'patch', resource: 'secrets' }, 'says the simulation');
}

function never(): Promise<never> {
  return Promise.withResolvers<never>().promise;
}
