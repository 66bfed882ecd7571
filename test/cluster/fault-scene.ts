import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { until } from '../../scripts/until.ts';
import { createRandom, type Random } from '../simulation/random.ts';
import { assertNoTrace } from '../support/no-trace.ts';
import { type FaultyFront, startFaultyFront } from './faulty-front.ts';
import { type Landscape, startLandscape } from './landscape.ts';
import { judge } from './landscape-judge.ts';
import type { JobRun, StartedJob, TestCluster } from './support.ts';

/** One of the loopback network that no other test file has. */
const address = `127.202.${(process.pid >> 8) & 0xff}.${process.pid & 0xff}`;

/** A landscape, and what lets things go wrong on the way to it. */
export interface FaultScene extends AsyncDisposable {
  landscape: Landscape;
  front: FaultyFront;
  random: Random;
  /** The job, by the way on which things go wrong. */
  start(...args: string[]): StartedJob;
  /** A run that nothing disturbs ends with 0, and all is as it has to be. */
  assertNextRunConverges(after: string): Promise<void>;
  /** Resolves once all is as it has to be, by the work of a follower. */
  untilInLine(after: string): Promise<void>;
}

export async function startFaultScene(seed: number): Promise<FaultScene> {
  await using started = new AsyncDisposableStack();
  const random = createRandom(seed);
  const landscape = started.use(await startLandscape());
  const { cluster } = landscape;
  const front = started.use(await startFaultyFront(cluster.controlPlane, address, random));
  const kubeconfig = await kubeconfigThrough(front, cluster);
  const parts = started.move();
  return {
    landscape,
    front,
    random,
    start: (...args) => cluster.startJob([...args, '--kubeconfig', kubeconfig]),
    async assertNextRunConverges(after) {
      const run = await cluster.job(['sync']);

      assertSound(run, landscape);
      assert.equal(run.code, 0, `${after}: ${run.output}`);
      assert.deepEqual(await judge(landscape), [], after);
    },
    async untilInLine(after) {
      let faults: string[] = [];
      const isInLine = async () => {
        faults = await judge(landscape);
        return faults.length === 0;
      };
      await until('all is in line', isInLine, 120_000).catch((error) => {
        assert.deepEqual(faults, [], `${after}: ${error.message}`);
        throw error;
      });
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Writes a kubeconfig with the job's login that leads through the front. */
async function kubeconfigThrough({ server, authority }: FaultyFront, cluster: TestCluster): Promise<string> {
  const document = parse(await readFile(cluster.jobKubeconfig, 'utf8'));
  const certificate = Buffer.from(authority).toString('base64');
  document.clusters[0].cluster = { server, 'certificate-authority-data': certificate };
  const file = join(cluster.controlPlane.directory, 'faulty-front.kubeconfig');
  await writeFile(file, stringify(document));
  return file;
}

/** Whatever went wrong: the program foresaw it, and said nothing of a credential. */
export function assertSound({ output }: JobRun, { book }: Landscape): void {
  assert.doesNotMatch(output, /failed unexpectedly|\n {4}at /);
  for (const login of book.everyLogin) assertNoTrace(output, login.slice(login.indexOf(':') + 1));
}
