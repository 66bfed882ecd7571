import type { FaultRates } from './faults.ts';
import { Invariants } from './invariants.ts';
import { checkEnd, createPrograms, type Program } from './programs.ts';
import type { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import type { World } from './world.ts';

/** One cluster's life: what all its phases work with. */
export interface Life {
  world: World;
  random: Random;
  scheduler: Scheduler;
  rates: FaultRates;
  programs: ReturnType<typeof createPrograms>;
  say(text: () => string): void;
  /** Lets everybody go on until `done`; `between` is called before each turn. */
  goOn(done: () => boolean, between?: () => void): Promise<void>;
}

export function createLife(world: World, random: Random, trace: ((text: () => string) => void) | undefined): Life {
  const scheduler = new Scheduler(random);
  const invariants = new Invariants(world.model, scheduler.clock);
  // Each seed has its own mixture, so that quiet clusters with one fault are tried as well as wild ones.
  const rates: FaultRates = {
    fault: random.pick([0, 0, 0.02, 0.1, 0.3]),
    slow: random.pick([0, 0.05, 0.3]),
    pages: random.pick([0, 0, 0.3]),
    expired: random.pick([0, 0.1, 0.4]),
    late: 0.5,
    closed: random.pick([0, 0.05, 0.3]),
    silent: 0.3,
  };
  const programs = createPrograms({ world, invariants, scheduler, random, rates, trace });
  return {
    world,
    random,
    scheduler,
    rates,
    programs,
    say: (text) => trace?.(text),
    async goOn(done, between = () => {}) {
      const look = () => {
        if (invariants.violation) throw invariants.violation;
      };
      await scheduler.run(done, () => {
        look();
        between();
      });
      look();
      for (const program of programs.all) checkEnd(program);
    },
  };
}

/** A run with nobody beside it. */
export async function runAlone({ programs, goOn }: Life): Promise<Program> {
  const one = programs.startRun();
  await goOn(() => one.end !== undefined);
  return one;
}

/** A process is killed, or told to stop. */
export function endOne(active: readonly Program[], random: Random, say: Life['say']): void {
  if (active.length === 0) return;
  const one = random.pick(active);
  const kill = random.chance(0.6);
  say(() => `${one.name} is ${kill ? 'killed' : 'told to stop'}`);
  if (kill) one.killed = true;
  else one.stop.abort();
}
