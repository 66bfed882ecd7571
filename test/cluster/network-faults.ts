import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../scripts/until.ts';
import { byLength } from '../support/test-length.ts';
import { faultKinds } from './fault-dealer.ts';
import { assertSound, type FaultScene } from './fault-scene.ts';
import { changeMuch } from './landscape-changes.ts';

const runs = byLength({ short: 3, long: 60 });
const changesWatched = byLength({ short: 3, long: 30 });
/** Shares of the requests that something happens to. */
const rates = [0.05, 0.1, 0.25];

/** At 40 requests and more that a rotation makes, and as many things that watches tell. */
const faultsOfRound = 8;

/** Requests that are cut, refused, late, or answered by somebody else, on the way from the job to the API server. */
export function networkFaults(scene: () => FaultScene): void {
  test(`${runs} runs, each with a share of requests that fail`, async (context) => {
    const { landscape, front, random, start, assertNextRunConverges } = scene();
    const codes: number[] = [];
    for (let round = 0; round < runs; round++) {
      const changes = await changeMuch(landscape, random);
      front.rate = rates[round % rates.length] ?? 0;

      const run = await start('sync').ended;

      front.rate = 0;
      codes.push(run.code);
      assert.ok([0, 1].includes(run.code), run.output);
      assertSound(run, landscape);
      await assertNextRunConverges(`round ${round}: ${changes.join(', ')}`);
    }
    context.diagnostic(`exit codes under faults: ${codes.join(' ')}`);
  });

  test('a follower that loses its watches, and requests of all kinds', async (context) => {
    const { landscape, front, random, start, untilInLine, assertNextRunConverges } = scene();
    const follower = start('sync', '--follow');
    context.after(follower.kill);
    await untilInLine('the start');

    for (let round = 0; round < changesWatched; round++) {
      const before = total(front.counts);
      front.rate = 0.2;
      const changes = await changeMuch(landscape, random);
      await until('enough went wrong', async () => total(front.counts) >= before + faultsOfRound);
      front.rate = 0;
      await untilInLine(`round ${round}: ${changes.join(', ')}`);
    }

    follower.stop();
    const run = await follower.ended;
    assert.equal(run.code, 0, run.output);
    assertSound(run, landscape);
    await assertNextRunConverges('the follower');
  });

  test('each kind of fault was there', (context) => {
    const { counts } = scene().front;

    assert.deepEqual(
      faultKinds.filter((kind) => !counts.has(kind)),
      [],
    );
    context.diagnostic([...counts].map(([kind, count]) => `${kind} ${count}`).join(', '));
  });
}

function total(counts: ReadonlyMap<unknown, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
