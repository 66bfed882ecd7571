import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byLength } from '../support/test-length.ts';
import { assertSound, type FaultScene } from './fault-scene.ts';
import { changeMuch } from './landscape-changes.ts';

const restarts = byLength({ short: 1, long: 10 });
/** A rotation makes about three times as many. */
const mostWrites = 10;

/** What the job talks to dies in the middle of a run, and comes back. */
export function restartedServers(scene: () => FaultScene): void {
  for (const [server, restart] of [
    ['the API server', 'restartApiServer'],
    ['etcd', 'restartEtcd'],
  ] as const) {
    test(`${server} is killed in mid-run, and starts again`, async (context) => {
      const { landscape, random, assertNextRunConverges } = scene();
      const { cluster } = landscape;
      const codes: number[] = [];
      for (let round = 0; round < restarts; round++) {
        const changes = await changeMuch(landscape, random);
        const written = cluster.untilJobWrites(1 + random.below(mostWrites));
        const job = cluster.startJob(['sync']);
        await written;

        const asked = await cluster.requestsOfJob(async () => {
          await cluster.controlPlane[restart]();
          await job.ended;
        });

        const run = await job.ended;
        codes.push(run.code);
        assert.ok([0, 1].includes(run.code), run.output);
        // One that ended with 1 saw it, and may have given up before the server was back.
        assert.ok(asked.length > 0 || run.code === 1, `the run was over before ${server} was killed`);
        assertSound(run, landscape);
        await assertNextRunConverges(`round ${round}: ${changes.join(', ')}`);
      }
      context.diagnostic(`exit codes: ${codes.join(' ')}`);
    });
  }
}
