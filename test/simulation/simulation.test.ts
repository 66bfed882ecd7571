import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from './simulate.ts';

const one = process.env.SIMULATION_SEED;
const seeds = Number(process.env.SIMULATION_SEEDS ?? 10_000);
const first = Number(process.env.SIMULATION_FIRST ?? 1);

if (one === undefined) test(`the engine keeps its promises in ${seeds} simulated clusters`, runAll);
else test(`seed ${one}, with a trace`, () => simulate(Number(one), { trace: (line) => console.log(line) }));

test('one seed is one history', async () => {
  const histories = await Promise.all(
    [1, 2].map(async () => {
      const lines: string[] = [];
      await simulate(7, { trace: (line) => lines.push(line) }).catch((error) => lines.push(error.message));
      return lines;
    }),
  );

  assert.ok((histories[0]?.length ?? 0) > 20);
  assert.deepEqual(histories[0], histories[1]);
});

async function runAll(): Promise<void> {
  const started = performance.now();
  for (let seed = first; seed < first + seeds; seed++) {
    await simulate(seed).catch((error) => {
      throw new Error(`seed ${seed}: ${error.message} (replay: SIMULATION_SEED=${seed} npm run test:simulation)`, {
        cause: error,
      });
    });
  }
  const minutes = (performance.now() - started) / 60_000;
  console.log(`${Math.round(seeds / minutes)} seeds a minute`);
}
