import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { V1Pod } from '@kubernetes/client-node';
import { createNamespace, untilNothingPulls } from '../../scripts/cluster/workloads.ts';
import { until } from '../../scripts/until.ts';
import {
  chart,
  images,
  imageValues,
  password,
  releaseNamespace,
  startTestCluster,
  type TestCluster,
} from './support.ts';

let cluster: TestCluster;

before(async () => {
  cluster = await startTestCluster();
  for (const namespace of ['early', releaseNamespace]) await createNamespace(cluster.kubectl, namespace);
});
after(() => cluster[Symbol.asyncDispose]());

function deployment(name: string, image: string): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'early' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'app', image }] } },
    },
  };
}

async function pods(): Promise<V1Pod[]> {
  return JSON.parse(await cluster.kubectl('get', 'pods', '-n', 'early', '-o', 'json')).items;
}

async function uidsOf(name: string): Promise<Array<string | undefined>> {
  const named = (await pods()).filter(({ metadata }) => metadata?.name?.startsWith(name));
  return named.map(({ metadata }) => metadata?.uid);
}

const reasonOf = ({ status }: V1Pod) => status?.containerStatuses?.[0]?.state?.waiting?.reason;

test('a Deployment that came before its reference runs after an install, with no hand on it, and no other pod goes', async () => {
  await cluster.apply(deployment('app', images.registry), deployment('elsewhere', images.dockerHub));
  await cluster.createPod('early', 'bare', images.registry);
  await untilNothingPulls(cluster.kubectl, 'early');
  await until('each pod waits to try again', async () => {
    const reasons = (await pods()).map(reasonOf);
    return reasons.length === 3 && reasons.every((reason) => reason === 'ImagePullBackOff');
  });
  const before = { bare: await uidsOf('bare'), elsewhere: await uidsOf('elsewhere') };

  await cluster.helm(
    'install',
    'pullsecret-sync',
    chart,
    '-n',
    releaseNamespace,
    ...imageValues,
    '--set',
    'registries.main.server=registry.example.com,registries.main.username=robot',
    '--set-literal',
    `registries.main.password=${password}`,
    '--set',
    'admissionPolicy.enabled=false,recreateStuckPods.enabled=true',
  );

  await cluster.kubectl('rollout', 'status', 'deployment/app', '-n', 'early', '--timeout=180s');
  assert.deepEqual({ bare: await uidsOf('bare'), elsewhere: await uidsOf('elsewhere') }, before);
  const still = (await pods()).filter(({ status }) => status?.phase === 'Pending');
  assert.deepEqual(still.map(({ metadata }) => metadata?.name?.replace(/-.*/, '')).toSorted(), ['bare', 'elsewhere']);
});
