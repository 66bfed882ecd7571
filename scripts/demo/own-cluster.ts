import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startCluster } from '../cluster/cluster.ts';
import { pushJobImage } from '../cluster/job-image.ts';
import { tool } from '../tools.ts';
import { firstPassword, ownStage } from './stages.ts';
import { playStory } from './story.ts';
import { printTable } from './table.ts';

/** 24 days; a timer is also what keeps the process from ending by itself. Milliseconds. */
const longestTimer = 2 ** 31 - 1;
const keep = process.argv.includes('--keep');

console.log('Starting a cluster with two private registries …');
await using cluster = await startCluster(firstPassword);
await pushJobImage(cluster);
const stage = await ownStage(cluster);
printTable(await playStory(stage, console.log));

if (keep) {
  const { kubeconfig } = cluster.controlPlane;
  const path = `${dirname(await tool('kubectl'))}:${dirname(await tool('helm'))}:$PATH`;
  console.log('\nThe cluster stays until you press Ctrl-C. Use it from another terminal:');
  console.log(
    `  nsenter --target ${process.env.SANDBOX_PID} --net --mount env KUBECONFIG=${kubeconfig} PATH="${path}" bash`,
  );
  console.log('  kubectl get pods --all-namespaces');
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  await setTimeout(longestTimer, undefined, { signal: stop.signal }).catch(() => undefined);
}
