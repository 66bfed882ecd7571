import { writeFile } from 'node:fs/promises';
import { connectionsBench } from './connections-bench.ts';
import type { Bench } from './figure.ts';
import { followerBench } from './follower-bench.ts';
import { imageBench } from './image-bench.ts';
import { planBench } from './plan-bench.ts';
import { podBench } from './pod-bench.ts';
import { idleBench, runsBench } from './runs-bench.ts';
import { startBench } from './start-bench.ts';

const benches: Record<string, Bench> = {
  runs: runsBench,
  idle: idleBench,
  start: startBench,
  connections: connectionsBench,
  follower: followerBench,
  pod: podBench,
  plan: planBench,
  image: imageBench,
};

// Each group has a sandbox of its own, and with it a cluster that no other one has used.
const [, , name = '', runs = '', file = ''] = process.argv;
const say = (text: string) => console.error(`${new Date().toISOString().slice(11, 19)} ${name}: ${text}`);
await writeFile(file, JSON.stringify(await (benches[name] as Bench)({ runs: Number(runs), say })));
