import { once } from 'node:events';
import { dirname } from 'node:path';
import { startCluster } from '../cluster/cluster.ts';
import { pushJobImage } from '../cluster/job-image.ts';
import { tool } from '../tools.ts';
import { firstPassword, ownStage } from './stages.ts';
import { playStory } from './story.ts';
import { printTable } from './table.ts';

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
  await once(process, 'SIGINT');
}
