import { clusterError } from '../../job/src/cluster/api-status.ts';
import type { Cluster, WatchQuery } from '../../job/src/cluster/cluster.ts';
import { ClusterError, type RequestName } from '../../job/src/cluster/cluster-error.ts';
import { allPages } from '../../job/src/cluster/kubernetes-pages.ts';
import { faultyWatch } from './faulty-watch.ts';
import type { Knowledge } from './knowledge.ts';
import type { Random } from './random.ts';
import { afterEffect, beforeRead, beforeWrite, type Fault, requestName } from './refusals.ts';
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
  /** A LIST comes in several pages. */
  pages: number;
  /** A continue token expired, or the place where a watch is to begin. */
  expired: number;
  /** A request that is under way when its process is killed takes effect all the same. */
  late: number;
  /** A watch ends before it tells the next change. */
  closed: number;
  /** It does so without a word, of those that end. */
  silent: number;
}

export interface FaultDeps {
  scheduler: Scheduler;
  random: Random;
  rates: FaultRates;
  process: Process;
  knowledge: Knowledge;
  /** How many changes there were. */
  now(): number;
  /** How many there were when what has that version happened. */
  writesUntil(version: string): number;
  trace: ((text: () => string) => void) | undefined;
}

/**
 * A cluster behind a network: each request takes effect on one turn and is answered on a later one, and anything may
 * happen before, between and after. A request that is under way when its process is killed may still take effect.
 */
export function withFaults(cluster: Cluster, deps: FaultDeps): Cluster {
  // A place that a server does not know any more it never knows again; the next LIST gives another.
  const lost = new Set<string>();
  const watch: Cluster['watch'] = (query, options) => faultyWatch(cluster.watch, query, options, { ...deps, lost });
  const faulty = Object.keys(cluster).map((key) => {
    const method = key as keyof Cluster;
    if (method === 'watch') return [method, watch];
    if (method === 'latestVersion') {
      return [
        method,
        (query: WatchQuery) =>
          request(
            method,
            [query],
            () => {
              lost.delete(JSON.stringify(query));
              return cluster.latestVersion(query);
            },
            deps,
          ),
      ];
    }
    const call = cluster[method] as (...args: unknown[]) => Promise<unknown>;
    return [method, (...args: unknown[]) => request(method, args, () => call(...args), deps)];
  });
  return Object.fromEntries(faulty);
}

async function request(
  method: keyof Cluster,
  args: readonly unknown[],
  effect: () => Promise<unknown>,
  deps: FaultDeps,
): Promise<unknown> {
  const { scheduler, random, rates, process, knowledge, now, trace } = deps;
  const name = requestName(method, args);
  const say = (what: () => string) => trace?.(() => `${process.name}: ${method} ${JSON.stringify(args)} → ${what()}`);
  const answered = (answer: unknown, at: number) => {
    knowledge.hear(method, args, answer, at);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  if (process.killed) return never();
  await scheduler.turn();
  if (process.killed && !random.chance(rates.late)) return never();
  if (!process.killed) endIfStopped(process, name);

  const fault = random.chance(rates.fault);
  const before = fault && random.chance(0.5) && random.pick(isRead(method) ? beforeRead : beforeWrite);
  if (before) {
    say(() => `${before.text}, without effect`);
    const again = before.retried && (await askedAgain(deps, name));
    if (!again) return answered(refusal(before, name), now());
  }
  let at = now();
  let answer: unknown;
  try {
    const look = () => {
      at = now();
      return effect();
    };
    answer = method.startsWith('list') ? await inPages(look as () => Promise<unknown[]>, name, deps) : await effect();
    // A write is part of what its writer knows of.
    if (!method.startsWith('list')) at = now();
    say(() => (process.killed ? 'done, for a process that was killed' : JSON.stringify(answer ?? 'done')));
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    say(() => error.kind);
    answer = error;
  }
  if (random.chance(rates.slow)) await wait(random.below(30_000), deps, name);
  await scheduler.turn();
  if (process.killed) return never();
  endIfStopped(process, name);
  if (!fault || before) return answered(answer, at);
  const after = random.pick(afterEffect);
  say(() => `${after.text}, after its effect`);
  return answered(refusal(after, name), at);
}

/** The transport waits as it is told (`Retry-After`), or as long as it thinks right, and asks again; whether in the end it is let through. */
async function askedAgain(deps: FaultDeps, name: RequestName): Promise<boolean> {
  const { random } = deps;
  await wait(random.chance(0.5) ? 1000 * (1 + random.below(30)) : 200 + random.below(3000), deps, name);
  return random.chance(0.5);
}

/** A LIST as the job reads it: pages of one snapshot, which may expire between two of them. */
async function inPages(
  look: () => Promise<unknown[]>,
  name: RequestName,
  { scheduler, random, rates, process }: FaultDeps,
): Promise<unknown[]> {
  if (!random.chance(rates.pages)) return look();
  const size = 1 + random.below(3);
  let snapshot: unknown[] = [];
  return allPages(
    async ({ continue: token }) => {
      if (token === undefined) snapshot = await look();
      else {
        await scheduler.turn();
        if (process.killed) return never();
        endIfStopped(process, name);
        if (random.chance(rates.expired)) throw new ClusterError('expired', name, 'the list changed', 410);
      }
      const from = Number(token ?? 0);
      const more = from + size < snapshot.length ? { continue: String(from + size) } : {};
      return { items: snapshot.slice(from, from + size), metadata: more };
    },
    (item) => item,
  );
}

async function wait(milliseconds: number, { scheduler, process }: FaultDeps, name: RequestName): Promise<void> {
  await scheduler.clock.sleep(milliseconds, process.stop.signal).catch(() => {});
  if (process.killed) await never();
  endIfStopped(process, name);
}

function endIfStopped({ stop }: Process, name: RequestName): void {
  if (stop.signal.aborted) throw new ClusterError('interrupted', name, 'the run was told to stop');
}

function refusal({ text, status, message = '' }: Fault, name: RequestName): ClusterError {
  if (status === undefined) return new ClusterError('unreachable', name, text);
  return clusterError(name, status, { message, reason: text });
}

function isRead(method: string): boolean {
  return method.startsWith('list') || method.startsWith('read') || method === 'latestVersion';
}

function never(): Promise<never> {
  return Promise.withResolvers<never>().promise;
}
