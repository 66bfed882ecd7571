import { atMost, type Bench, rounded } from './figure.ts';
import { startLandscape } from './landscape.ts';
import { measure, median } from './measure.ts';

/** From exec to the first request, against what an empty Node needs from exec to exit. */
export const startBench: Bench = async ({ runs, say }) => {
  await using landscape = await startLandscape();
  const firsts: number[] = [];
  const ratios: number[] = [];
  for (let run = 0; run <= runs * 2; run++) {
    const bare = await measure({ program: process.execPath, args: ['--eval', '0'] }, landscape.directory);
    let startedAt = Number.NaN;
    const { firstAt } = await landscape.requests(async () => {
      ({ startedAt } = await measure(landscape.job('sync'), landscape.directory));
    });
    say(`exec to first request: ${run} of ${runs * 2}`);
    if (run === 0) continue;
    firsts.push(firstAt - startedAt);
    ratios.push((firstAt - startedAt) / (bare.seconds * 1000));
  }
  const details = `${rounded(median(firsts))} ms; a bare Node ${rounded(median(firsts) / median(ratios))} ms`;
  return { figures: [atMost('Exec to first request', median(ratios), 6, "× bare Node's start", details)] };
};
