import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byLength } from '../support/test-length.ts';
import { trySeeds } from './many-seeds.ts';
import { simulate } from './simulate.ts';

const one = process.env.SIMULATION_SEED;
const seeds = Number(process.env.SIMULATION_SEEDS ?? byLength({ short: 5_000, long: 1_000_000 }));
const first = Number(process.env.SIMULATION_FIRST ?? 1);

if (one === undefined) test(`the engine keeps its promises in ${seeds} simulated clusters`, runAll);
else test(`seed ${one}, with a trace`, () => simulate(Number(one), { trace: (line) => console.log(line) }));

test('one seed is one history', async () => {
  const histories: string[][] = [];

  for (const lines of [[], []] as string[][]) {
    await simulate(7, { trace: (line) => lines.push(line) }).catch((error) => lines.push(error.message));
    histories.push(lines);
  }

  assert.ok((histories[0]?.length ?? 0) > 20);
  assert.deepEqual(histories[0], histories[1]);
});

async function runAll(): Promise<void> {
  const started = performance.now();

  const failure = await trySeeds(first, seeds);

  if (failure) {
    const replay = `SIMULATION_SEED=${failure.seed} npm run test:simulation`;
    assert.fail(`seed ${failure.seed}: ${failure.message} (replay: ${replay})`);
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(`${seeds} seeds in ${seconds.toFixed(1)} s: ${Math.round((seeds / seconds) * 60)} a minute`);
}
