import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { jobImage } from '../../scripts/cluster/job-image.ts';
import { tool } from '../../scripts/tools.ts';
import { until } from '../../scripts/until.ts';
import {
  chart,
  credentials,
  imageValues,
  releaseNamespace,
  startTestCluster,
  type TestCluster,
} from '../e2e/support.ts';
import type { Bench } from './figure.ts';
import { prefix, untilAccounts } from './landscape.ts';

const run = promisify(execFile);
const pods = 50;
const namespaces = 2000;
/** One run in so many has to fill every namespace. */
const fillEvery = 5;

/** Runs in real pods with the chart's default limits, in the largest cluster that these are for. */
export const podBench: Bench = async ({ say }) => {
  await using cluster = await startTestCluster();
  const yardstick = await tool('yardstick');
  const { kubeconfig } = cluster.cluster.controlPlane;
  await run(yardstick, ['fill', kubeconfig, prefix, String(namespaces)]);
  await untilAccounts((args) => cluster.kubectl(...args), namespaces);
  await cluster.helm(
    ...['install', 'pullsecret-sync', chart, '--namespace', releaseNamespace, '--create-namespace'],
    ...imageValues,
    ...credentials(),
    ...['--set', 'suspend=true,runOnInstall.enabled=false'],
  );
  if (!(await isKilled(cluster, 'greedy')))
    throw new Error('the limit of a pod is not enforced here: nothing to measure');

  let killed = 0;
  const failed: string[] = [];
  for (let index = 0; index < pods; index++) {
    if (index % fillEvery === 0) await run(yardstick, ['reset', kubeconfig, prefix]);
    const name = `run-${index}`;
    await cluster.kubectl('create', 'job', name, '--from=cronjob/pullsecret-sync', '-n', releaseNamespace);
    await until(`the Job ${name} has ended`, async () => {
      const { status }: V1Job = JSON.parse(
        await cluster.kubectl('get', 'job', name, '-n', releaseNamespace, '-o', 'json'),
      );
      return (status?.conditions ?? []).some(({ type }) => type === 'Complete' || type === 'Failed');
    });
    const reasons = await endsOf(cluster, `job-name=${name}`);
    if (reasons.includes('OOMKilled')) killed += 1;
    if (reasons.some((reason) => reason !== 'Completed')) failed.push(`${name}: ${reasons.join(', ')}`);
    say(`a pod with the default limits: ${index + 1} of ${pods}, ${killed} killed`);
  }
  return {
    figures: [
      {
        name: `In a real pod with the chart's default limits, ${namespaces} namespaces`,
        bar: `never killed, ${pods} runs`,
        result: `${killed} killed`,
        reached: killed === 0 && failed.length === 0,
        details: `${pods / fillEvery} of them from nothing; ${failed.length === 0 ? 'all completed' : failed.join('; ')}; a pod that takes 300 MB is killed`,
      },
    ],
  };
};

/** The control: what takes more than the chart's limit has to be killed, or a run that is not proves nothing. */
async function isKilled(cluster: TestCluster, name: string): Promise<boolean> {
  const cronJob = JSON.parse(
    await cluster.kubectl('get', 'cronjob', 'pullsecret-sync', '-n', releaseNamespace, '-o', 'json'),
  );
  const { resources, securityContext } = cronJob.spec.jobTemplate.spec.template.spec.containers[0];
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: releaseNamespace, labels: { control: name } },
    spec: {
      restartPolicy: 'Never',
      serviceAccountName: 'pullsecret-sync',
      imagePullSecrets: [{ name: 'pullsecret-sync-source' }],
      containers: [
        {
          name,
          image: jobImage,
          command: ['/usr/local/bin/node', '--eval', 'Buffer.alloc(300e6, 1)'],
          resources,
          securityContext,
        },
      ],
    },
  });
  await until('the control has ended', async () => (await endsOf(cluster, `control=${name}`)).length > 0);
  return (await endsOf(cluster, `control=${name}`)).includes('OOMKilled');
}

/** Why the containers of some pods ended, in the kubelet's words; nothing of those that run. */
async function endsOf(cluster: TestCluster, selector: string): Promise<string[]> {
  const { items }: { items: V1Pod[] } = JSON.parse(
    await cluster.kubectl('get', 'pods', '-n', releaseNamespace, '-l', selector, '-o', 'json'),
  );
  return items.flatMap(({ status }) =>
    (status?.containerStatuses ?? []).flatMap(({ state }) => state?.terminated?.reason ?? []),
  );
}
