import type { Registries } from '../../job/src/registry/registry-login.ts';
import type { Process } from './faults.ts';
import type { Knowledge } from './knowledge.ts';
import { sourceNames } from './names.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** The registries of a cluster, by host. */
export interface SimulatedRegistries {
  /** Which logins a registry refuses: another half of them for each number. One that is not here accepts all. */
  moods: Map<string, number>;
  /** The registries that do not answer. */
  down: Set<string>;
}

/** Somebody at a registry revokes and allows logins; or it goes away, or comes back. */
export function registryChanges({ moods, down }: SimulatedRegistries, random: Random): string {
  const host = `${random.pick(sourceNames)}.example.com`;
  if (random.chance(0.7)) {
    moods.set(host, random.below(1000));
    return `${host} revokes and allows logins`;
  }
  if (!down.delete(host)) down.add(host);
  return `${host} ${down.has(host) ? 'goes away' : 'is there again'}`;
}

function isRefused({ moods }: SimulatedRegistries, host: string, login: string): boolean {
  const mood = moods.get(host);
  if (mood === undefined) return false;
  const version = Number(/\d+$/.exec(login)?.[0]);
  return (version * 7919 + mood * 104_729) % 7 < 3;
}

/** The registries as one process sees them. */
export function registriesOf(
  { registries }: { registries: SimulatedRegistries },
  {
    scheduler,
    process,
    knowledge,
    random,
  }: { scheduler: Scheduler; process: Process; knowledge: Knowledge; random: Random },
): Registries {
  return {
    async tryLogin(host, { auth }) {
      await scheduler.turn();
      if (process.killed) return Promise.withResolvers<never>().promise;
      process.stop.signal.throwIfAborted();
      const login = `${host} ${auth.toString('base64')}`;
      if (registries.down.has(host) || random.chance(0.05)) {
        knowledge.tried.set(login, 'unreachable');
        return { kind: 'unreachable', reason: 'it is down', fix: 'mend it' };
      }
      const kind = isRefused(registries, host, auth.toString()) ? 'refused' : 'accepted';
      knowledge.tried.set(login, kind);
      return kind === 'refused' ? { kind, answer: '401' } : { kind };
    },
  };
}
