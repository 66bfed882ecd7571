import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byLength } from '../support/test-length.ts';
import { assertSound, type FaultScene } from './fault-scene.ts';
import { changeMuch } from './landscape-changes.ts';

const kills = byLength({ short: 5, long: 50 });
const followerKills = byLength({ short: 3, long: 50 });
/** A rotation alone makes more requests than these. */
const mostRequests = 30;

/** The job is killed as some request of its comes to the API server, or before it hears the answer to one. */
export function killedProcesses(scene: () => FaultScene): void {
  test(`a run that is killed at ${kills} moments`, async (context) => {
    const { landscape, random, start, assertNextRunConverges } = scene();
    const moments: string[] = [];
    for (let round = 0; round < kills; round++) {
      const changes = await changeMuch(landscape, random);
      const job = start('sync');
      const moment = killAtRandomMoment(scene(), job.kill);

      const run = await job.ended;

      moments.push(moment);
      assert.equal(run.code, -1, `${moment}: ${run.output}`);
      assertSound(run, landscape);
      await assertNextRunConverges(`killed as ${moment}, after ${changes.join(', ')}`);
    }
    context.diagnostic(`killed as ${moments.join(', ')}`);
  });

  test(`a follower that is killed at ${followerKills} moments`, async (context) => {
    const { landscape, random, start, untilInLine, assertNextRunConverges } = scene();
    for (let round = 0; round < followerKills; round++) {
      const follower = start('sync', '--follow');
      context.after(follower.kill);
      const moment = killAtRandomMoment(scene(), follower.kill);
      const changes = await changeMuch(landscape, random);

      const run = await follower.ended;

      assert.equal(run.code, -1, `${moment}: ${run.output}`);
      assertSound(run, landscape);
      const what = `killed as ${moment}, after ${changes.join(', ')}`;
      // The run that follows finds what was left, or what the next follower made of it.
      if (round % 2 === 0) {
        const next = start('sync', '--follow');
        context.after(next.kill);
        await untilInLine(what);
        next.stop();
        assert.equal((await next.ended).code, 0);
      }
      await assertNextRunConverges(what);
    }
  });
}

/** @returns the moment in words */
function killAtRandomMoment({ front, random }: FaultScene, kill: () => void): string {
  const request = 1 + random.below(mostRequests);
  const stage = random.pick(['arrived', 'done'] as const);
  front.at({ request, stage }, kill);
  return `request ${request} ${stage}`;
}
