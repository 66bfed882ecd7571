import { ClusterError } from '../../job/src/cluster-error.ts';
import { run } from '../../job/src/engine.ts';
import { ProblemError } from '../../job/src/problem.ts';
import { decideExitCode } from '../../job/src/report.ts';
import type { RunResult } from '../../job/src/run-result.ts';
import { engineView } from './cluster-model.ts';
import { type FaultRates, type Process, withFaults } from './faults.ts';
import { Invariants, Violation, type Witness } from './invariants.ts';
import { isUpToDate, outOfLine, repair, rotate } from './last-state.ts';
import { somebodyActs } from './people-at-work.ts';
import { createRandom, type Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { createWorld, readConfig } from './world.ts';

export interface SimulationOptions {
  /** Told of everything that happens, to replay a seed by eye. */
  trace?: (line: string) => void;
}

interface Running extends Process {
  witness: Witness;
  /** How it ended; `undefined` as long as it has not, or if it was killed. */
  end: { result: RunResult } | { error: unknown } | undefined;
}

/**
 * One cluster's life from one integer: runs of the engine side by side, faults, kills and people; then all that is
 * wrong ends, and what the engine promises for the time after is looked at.
 *
 * @throws a {@link Violation} of a promise
 */
export async function simulate(seed: number, { trace }: SimulationOptions = {}): Promise<void> {
  const random = createRandom(seed);
  const model = createWorld(random);
  const invariants = new Invariants(model);
  const scheduler = new Scheduler(random);
  // Each seed has its own mixture, so that quiet clusters with one fault are tried as well as wild ones.
  const rates: FaultRates = { fault: random.pick([0, 0, 0.02, 0.1, 0.3]), slow: random.pick([0, 0.05, 0.3]) };
  const people = random.pick([0, 0.02, 0.1, 0.4]);
  const ends = random.pick([0, 0.01, 0.05]);
  const say = (text: () => string) => trace?.(text());
  const runs: Running[] = [];

  const start = () => {
    const name = `run ${runs.length + 1}`;
    const witness = invariants.witness(name);
    const running: Running = { name, witness, killed: false, stop: new AbortController(), end: undefined };
    runs.push(running);
    say(() => `${name} starts`);
    const cluster = withFaults(engineView(model, name), {
      scheduler,
      random,
      rates,
      process: running,
      witness,
      trace: say,
    });
    const log = (message: string, fields: object = {}) =>
      say(() => `${name} says: ${message} ${JSON.stringify(fields)}`);
    run({
      cluster,
      clock: scheduler.clock,
      random: random.next,
      readConfig: async () => {
        const config = await readConfig(cluster);
        witness.readConfig(config);
        return config;
      },
      readFile: async () => undefined,
      log: { info: log, warn: log, error: log },
      mask: { add: () => {}, apply: (text) => text },
      signal: running.stop.signal,
    }).then(
      (result) => {
        running.end = { result };
      },
      (error) => {
        running.end = { error };
      },
    );
    return running;
  };
  const goOn = async (done: () => boolean, between: () => void) => {
    await scheduler.run(done, () => {
      if (invariants.violation) throw invariants.violation;
      between();
    });
    if (invariants.violation) throw invariants.violation;
    for (const one of runs) checkEnd(one);
  };
  const active = () => runs.filter(({ killed, end }) => !killed && !end);

  const unrest = 20 + random.below(200);
  const most = 1 + random.below(3);
  start();
  await goOn(
    () => scheduler.turns >= unrest || (active().length === 0 && runs.length >= most),
    () => {
      if (random.chance(people)) {
        const deed = somebodyActs(model, random);
        say(() => deed);
      }
      if (runs.length < most && (active().length === 0 || random.chance(0.03))) start();
      if (random.chance(ends)) endOne(active(), random, say);
    },
  );

  say(() => 'faults stop');
  Object.assign(rates, { fault: 0, slow: 0 });
  repair(model, random);
  await goOn(
    () => active().length === 0,
    () => {},
  );
  await lastRun();
  const wrong = outOfLine(model);
  if (wrong !== undefined) throw new Violation(`not converged: ${wrong}`);
  const before = invariants.writes;
  await lastRun();
  if (invariants.writes > before) throw new Violation('a run with nothing to do made a write');

  // A rotation while two runs are under way: nothing goes wrong but that they meet each other.
  const late = [start(), start()];
  const rotation = scheduler.turns + 1 + random.below(60);
  await goOn(
    () => late.every(({ end }) => end !== undefined),
    () => {
      if (scheduler.turns === rotation) rotate(model, random);
    },
  );
  for (const one of late) checkSuccess(one);
  const behind = late.every(({ witness }) => isUpToDate(model, witness)) ? outOfLine(model) : undefined;
  if (behind !== undefined) throw new Violation(`not in line after a rotation during two runs: ${behind}`);

  async function lastRun(): Promise<void> {
    const last = start();
    await goOn(
      () => last.end !== undefined,
      () => {},
    );
    checkSuccess(last);
  }
}

function checkSuccess({ name, end }: Running): void {
  const code = end && 'result' in end ? decideExitCode(end.result, { toleratePartial: false }) : 'none';
  if (code !== 0) throw new Violation(`not converged: ${name} ended with exit code ${code}`);
}

/** A process is killed, or told to stop. */
function endOne(active: Running[], random: Random, say: (text: () => string) => void): void {
  if (active.length === 0) return;
  const one = random.pick(active);
  const kill = random.chance(0.6);
  say(() => `${one.name} is ${kill ? 'killed' : 'told to stop'}`);
  if (kill) one.killed = true;
  else one.stop.abort();
}

/** A run that fails says why, in an error that the program knows. */
function checkEnd({ name, end, stop }: Running): void {
  if (!end || 'result' in end) return;
  const { error } = end;
  if (error instanceof ClusterError || error instanceof ProblemError || stop.signal.aborted) return;
  throw new Violation(`${name} failed unexpectedly`, { cause: error });
}
