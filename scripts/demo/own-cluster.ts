import { setTimeout } from 'node:timers/promises';
import { type Cluster, startCluster } from '../cluster/cluster.ts';
import { pushJobImage } from '../cluster/job-image.ts';
import { programFolders } from './programs.ts';
import { firstPassword, ownStage } from './stages.ts';
import { playStory } from './story.ts';
import { printStory } from './table.ts';

/** 24 days; a timer is also what keeps the process from ending by itself. Milliseconds. */
const longestTimer = 2 ** 31 - 1;

process.exitCode = await main(process.argv.includes('--keep'));

async function main(keep: boolean): Promise<number> {
  try {
    console.log('Starting a cluster with two private registries …');
    await using cluster = await startCluster(firstPassword);
    await pushJobImage(cluster);
    const code = printStory(await playStory(await ownStage(cluster), console.log));
    if (keep) await untilInterrupted(cluster);
    return code;
  } catch (error) {
    console.error(`The demo failed: ${(error as Error).message}`);
    return 1;
  }
}

async function untilInterrupted({ controlPlane }: Cluster): Promise<void> {
  const path = `PATH="${await programFolders()}:$PATH"`;
  console.log('\nThe cluster stays until you press Ctrl-C. Use it from another terminal:');
  // To enter a mount namespace is to leave the folder where one was.
  const enter = `nsenter --target ${process.env.SANDBOX_PID} --net --mount --wd=${process.cwd()}`;
  console.log(`  ${enter} env KUBECONFIG=${controlPlane.kubeconfig} ${path} bash`);
  console.log('  kubectl get pods --all-namespaces');
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  await setTimeout(longestTimer, undefined, { signal: stop.signal }).catch(() => undefined);
}
