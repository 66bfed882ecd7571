import type { Cluster } from '../../job/src/cluster/cluster.ts';
import { ClusterError } from '../../job/src/cluster/cluster-error.ts';
import { exitCode } from '../../job/src/exit-code.ts';
import { follow } from '../../job/src/follow/follower.ts';
import { orSay } from '../../job/src/or-say.ts';
import { isAnyWithheld } from '../../job/src/plan/removal-limit.ts';
import { ProblemError } from '../../job/src/problem.ts';
import { decideExitCode } from '../../job/src/report/report.ts';
import { writeStatus } from '../../job/src/report/status.ts';
import { writeEvents } from '../../job/src/report/write-events.ts';
import { cleanup, isClean } from '../../job/src/run/cleanup.ts';
import { run } from '../../job/src/run/engine.ts';
import type { EngineDeps } from '../../job/src/run/engine-deps.ts';
import type { RunResult } from '../../job/src/run/run-result.ts';
import { engineView } from './cluster-model.ts';
import { readConfig } from './configuration.ts';
import { type FaultDeps, type Process, withFaults } from './faults.ts';
import { type Invariants, Violation } from './invariants.ts';
import type { Knowledge, Role } from './knowledge.ts';
import { anythingLeft } from './last-state.ts';
import { release } from './names.ts';
import { registriesOf } from './registries.ts';
import type { World } from './world.ts';

export interface Program extends Process {
  kind: Role | 'follower';
  knowledge: Knowledge;
  /** Milliseconds. */
  started: number;
  /** Whether its last look at everything withheld removals: that of a follower. */
  withholds: boolean;
  /** How it ended; `undefined` as long as it has not, or if it was killed. */
  end: { code: number; result?: RunResult } | { error: unknown } | undefined;
}

export type ProgramDeps = Omit<FaultDeps, 'process' | 'knowledge' | 'now' | 'writesUntil'> & {
  world: World;
  invariants: Invariants;
};

/** The processes of the job in one cluster, each behind its own connection. */
export function createPrograms(deps: ProgramDeps) {
  const { world, invariants, scheduler, random, trace } = deps;
  const all: Program[] = [];
  const active = () => all.filter(({ killed, end }) => !killed && !end);
  const activeOf = (kind: Program['kind']) => active().filter((program) => program.kind === kind);
  const schedule = scheduleOf(world, activeOf);

  const start = (
    kind: Program['kind'],
    main: (engine: EngineDeps, program: Program) => Promise<Program['end']>,
  ): Program => {
    const name = `${kind} ${all.length + 1}`;
    // A follower makes runs of its own kind, and is judged as they are.
    const knowledge = invariants.knowledgeOf(name, kind === 'cleanup' ? 'cleanup' : 'run');
    knowledge.follows = kind === 'follower';
    const started = scheduler.clock.now().getTime();
    const stop = new AbortController();
    const program: Program = { name, kind, knowledge, started, killed: false, stop, withholds: false, end: undefined };
    all.push(program);
    trace?.(() => `${name} starts`);
    const log = (message: string, fields: object = {}) => {
      const line = `${message} ${JSON.stringify(fields)}`;
      invariants.judgeLine(name, line);
      trace?.(() => `${name} says: ${line}`);
    };
    const cluster = withFaults(
      { ...engineView(world.model, name), ...schedule },
      {
        ...deps,
        process: program,
        knowledge,
        now: () => world.model.writes,
        writesUntil: (version) => world.model.writesUntil(version),
      },
    );
    const engine: EngineDeps = {
      cluster,
      registries: registriesOf(world, { scheduler, process: program, knowledge, random }),
      clock: scheduler.clock,
      random: random.next,
      readConfig: async () => {
        const config = await readConfig(cluster);
        knowledge.readConfig(config, scheduler.clock.now().getTime());
        return config;
      },
      readFile: async () => undefined,
      log: { info: log, warn: log, error: log },
      mask: { add: () => {}, apply: (text) => text },
      signal: stop.signal,
    };
    main(engine, program)
      .catch((error) => ({ error }))
      .then((end) => {
        program.end = end;
      });
    return program;
  };

  return {
    all,
    active,
    activeOf,
    startFollower: () => start('follower', (engine, program) => followOn(engine, program, world.traits)),
    startRun: () => start('run', (engine, program) => sync(engine, program, world.traits)),
    startCleanup: () => start('cleanup', cleanUp),
  };
}

/** The command `sync`, as the program has it. */
async function sync(
  engine: EngineDeps,
  { knowledge, name }: Program,
  { statuses, events }: World['traits'],
): Promise<Program['end']> {
  const started = engine.clock.now();
  const result = await run(engine);
  const code = decideExitCode(result, { toleratePartial: false });
  const unread = code === exitCode.ok ? knowledge.notReadAgain() : undefined;
  if (unread !== undefined) throw new Violation(`${name} did not read ${unread} again before it ended`);
  if (result.standsStill) return { code, result };
  if (events) await writeEvents(result, engine);
  if (!statuses) return { code, result };
  try {
    await writeResult(started, result, engine);
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    return { code: code === exitCode.ok ? exitCode.incomplete : code, result };
  }
  return { code, result };
}

/** The command `sync --follow`. */
async function followOn(engine: EngineDeps, program: Program, { statuses }: World['traits']): Promise<Program['end']> {
  await follow({
    ...engine,
    configuration: { configMap: `${release.namespace}/${release.name}` },
    async onPass({ started, only, result }) {
      if (!only) program.withholds = isAnyWithheld(result);
      if (!only && statuses) await orSay(writeResult(started, result, engine), engine.log);
    },
    onBegin: () => {},
    onIdle: () => {},
    onFailure: async () => {},
  });
  return { code: exitCode.ok };
}

function writeResult(started: Date, result: RunResult, { cluster, clock, mask }: EngineDeps): Promise<unknown> {
  const code = decideExitCode(result, { toleratePartial: false });
  const ending = { started, finished: clock.now(), exitCode: code, outcome: result };
  return writeStatus(cluster, result.config.release, { ending, mask });
}

/** The command `cleanup`. */
async function cleanUp(engine: EngineDeps): Promise<Program['end']> {
  return { code: isClean(await cleanup(engine)) ? exitCode.ok : exitCode.incomplete };
}

/**
 * The CronJob and its Jobs, which are the runs, and the follower's Deployment. The model has no admission policy, whose effect on ServiceAccounts is a real API
 * server's to show, so there is no binding to take away.
 */
function scheduleOf(
  { model, schedule, deployment }: World,
  activeOf: (kind: Program['kind']) => Program[],
): Pick<Cluster, 'suspendCronJob' | 'endJobs' | 'deleteDeployment' | 'unbindPolicy'> {
  return {
    async suspendCronJob(_namespace, _name, suspend) {
      if (schedule.suspended === suspend) return false;
      schedule.suspended = suspend;
      const left = suspend ? anythingLeft(model) : undefined;
      if (left !== undefined) throw new Violation(`the schedule was suspended, and ${left}`);
      return true;
    },
    async endJobs() {
      const running = activeOf('run');
      for (const { stop } of running) stop.abort();
      return running.map(({ name }) => name);
    },
    async deleteDeployment() {
      deployment.deleted = true;
      const running = activeOf('follower');
      for (const { stop } of running) stop.abort();
      return running.length > 0;
    },
    unbindPolicy: async () => async () => {},
  };
}

/** @throws a Violation where a process ended in a way that the program does not know */
export function checkEnd({ name, kind, end, stop }: Program): void {
  if (kind === 'follower' && end && 'code' in end && !stop.signal.aborted)
    throw new Violation(`${name} ended by itself`);
  if (!end || !('error' in end)) return;
  const errors = end.error instanceof AggregateError ? end.error.errors : [end.error];
  for (const error of errors) {
    if (error instanceof Violation) throw error;
    if (error instanceof ClusterError || error instanceof ProblemError || stop.signal.aborted) continue;
    throw new Violation(`${name} failed unexpectedly`, { cause: error });
  }
}
