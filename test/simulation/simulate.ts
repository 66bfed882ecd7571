import { exitCode } from '../../job/src/exit-code.ts';
import { isAnyWithheld } from '../../job/src/plan/removal-limit.ts';
import type { RunResult } from '../../job/src/run/run-result.ts';
import { cleanUpAndInstallAgain, untilRunsMayGoOn } from './cleanup-phase.ts';
import { allowAllRemovals } from './configuration.ts';
import { followChanges, keepFollower, untilFollowerRests } from './follower-phase.ts';
import { Violation } from './invariants.ts';
import { outOfLine } from './last-state.ts';
import { leaveDuringRun, leaveOneByOne } from './leave-phase.ts';
import { createLife, endOne, type Life, runAlone } from './life.ts';
import { somebodyActs } from './people-at-work.ts';
import { stuckPodLeft } from './pods.ts';
import type { Program } from './programs.ts';
import { createRandom } from './random.ts';
import { changeSomething, isUpToDate, repair, repairUnusable } from './repair.ts';
import { createWorld } from './world.ts';

export interface SimulationOptions {
  /** Told of everything that happens, to replay a seed by eye. */
  trace?: (line: string) => void;
}

/**
 * One cluster's life from one integer: runs of the engine side by side, faults, kills and people; then all that is
 * wrong ends, and what the engine promises for the time after is looked at.
 *
 * @throws a {@link Violation} of a promise
 */
export async function simulate(seed: number, { trace }: SimulationOptions = {}): Promise<void> {
  const random = createRandom(seed);
  const life = createLife(createWorld(random), random, trace && ((text) => trace(text())));
  await unrest(life);
  if (life.world.traits.cleanups) await cleanUpAndInstallAgain(life);
  await calm(life);
  await followChanges(life);
  const { crowded } = life.world.traits;
  if (crowded) await leaveOneByOne(life);
  Object.assign(life.rates, { closed: 0, expired: 0 });
  if (crowded) await leaveDuringRun(life);
  await changeDuringRuns(life);
}

/** Runs side by side, with faults, kills and people. */
async function unrest(life: Life): Promise<void> {
  const { world, random, scheduler, programs, say, goOn } = life;
  const { active, activeOf, startRun } = programs;
  const people = random.pick([0, 0.02, 0.1, 0.4]);
  const ends = random.pick([0, 0.01, 0.05]);
  const turns = 20 + random.below(200);
  const most = 1 + random.below(3);
  let started = 1;
  startRun();
  await goOn(
    () => scheduler.turns >= turns || (activeOf('run').length === 0 && started >= most),
    () => {
      if (random.chance(people)) {
        const deed = somebodyActs(world, random);
        say(() => deed);
      }
      if (started < most && (activeOf('run').length === 0 || random.chance(0.03))) {
        started += 1;
        startRun();
      }
      if (random.chance(0.3)) keepFollower(life);
      if (random.chance(ends)) endOne(active(), random, say);
    },
  );
}

/** Faults stop: one run sets all right, and a second one finds nothing to do. */
async function calm(life: Life): Promise<void> {
  const { world, random, scheduler, rates, programs, say, goOn } = life;
  const { model } = world;
  say(() => 'faults stop');
  Object.assign(rates, { fault: 0, slow: 0, expired: 0, closed: 0 });
  await goOn(() => programs.activeOf('run').length === 0);
  // Only now, since a run of an earlier configuration may still take away what is a source by now.
  repair(world, random);
  await untilRunsMayGoOn(life);
  await untilLoginsMayBeTried(life);
  await untilFollowerRests(life);
  // A follower's pass that was under way may have taken away what is a source by now, too.
  if (repairUnusable(world)) await untilFollowerRests(life);

  let last = await runAlone(life);
  if (withheld(last)) {
    checkWithheld(last);
    allowAllRemovals(model);
    await untilFollowerRests(life);
    last = await runAlone(life);
  }
  checkSuccess(last);
  const wrong = outOfLine(model, last.started);
  if (wrong !== undefined) throw new Violation(`not converged: ${wrong}`);
  const stuck = stuckPodLeft(model);
  const { evictions, config } = last.knowledge;
  if (stuck && evictions < (config?.recreateStuckPods.maxPerRun ?? 0)) {
    throw new Violation(`${stuck.namespace}/${stuck.name} is still stuck`);
  }
  const now = scheduler.clock.now().getTime();
  const again = await runAlone(life);
  checkSuccess(again);
  // Only time itself gives the second run something to do: what is retired goes.
  const due = outOfLine(model, now) ?? (again.knowledge.writes > 0 && again.knowledge.config?.retireAfter === 10_000);
  if (again.knowledge.writes > 0 && !due) throw new Violation('a run with nothing to do made a write');
}

/** A change while one or two runs are under way: nothing goes wrong but that they meet each other. */
async function changeDuringRuns(life: Life): Promise<void> {
  const { world, random, scheduler, programs, say, goOn } = life;
  const { model } = world;
  const late = random.chance(0.5) ? [programs.startRun()] : [programs.startRun(), programs.startRun()];
  const change = scheduler.turns + 1 + random.below(late.length * 30);
  await goOn(
    () => late.every(({ end }) => end !== undefined),
    () => {
      if (scheduler.turns !== change) return;
      const what = changeSomething(world, random);
      say(() => what);
    },
  );
  await untilFollowerRests(life);
  if (late.some(withheld)) return;
  for (const one of late) checkSuccess(one);
  if (!late.every(({ knowledge }) => isUpToDate(model, knowledge))) return;
  const behind = outOfLine(model, late[0]?.started ?? 0);
  if (behind !== undefined) throw new Violation(`not in line after a change during the run: ${behind}`);
}

/** What a registry refused is tried again an hour later at the latest. */
async function untilLoginsMayBeTried({ world: { traits }, scheduler, goOn }: Life): Promise<void> {
  if (!traits.verifies || !traits.statuses) return;
  let over = false;
  scheduler.clock.sleep(3_600_000).then(() => {
    over = true;
  });
  await goOn(() => over);
}

function withheld(program: Program): boolean {
  const result = resultOf(program);
  return result !== undefined && isAnyWithheld(result);
}

function checkWithheld(program: Program): void {
  const { withheldCopies, withheldReferences } = resultOf(program) ?? {};
  const { copies, references } = program.knowledge.removals;
  if ((withheldCopies && copies > 0) || (withheldReferences && references > 0))
    throw new Violation(`${program.name} removed some of what it withheld`);
}

function resultOf({ end }: Program): RunResult | undefined {
  return end && 'result' in end ? end.result : undefined;
}

/** It did all that can be done: nothing failed but what its bad sources explain. */
function checkSuccess(program: Program): void {
  const { name, end, knowledge } = program;
  const code = end && 'code' in end ? end.code : 'none';
  const bad = knowledge.config?.targets.some((target) => knowledge.content([target]) === undefined) ?? true;
  const failed = resultOf(program)?.placements.find(({ failure }) => failure)?.failure;
  if (failed || code !== (bad ? exitCode.incomplete : exitCode.ok)) {
    throw new Violation(`not converged: ${name} ended with exit code ${code} ${failed?.message ?? ''}`);
  }
}
