import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Chain, Link, LinkName } from '../../job/src/chain/chain.ts';
import { bundleFile } from '../../scripts/build.ts';
import { createNamespace, untilNothingPulls } from '../../scripts/cluster/workloads.ts';
import { until } from '../../scripts/until.ts';
import { uniqueLogin } from '../support/leaks/unique-password.ts';
import {
  chart,
  images,
  imageValues,
  password,
  releaseNamespace,
  startTestCluster,
  type TestCluster,
} from './support.ts';

const run = promisify(execFile);
let cluster: TestCluster;
let config: string;

before(async () => {
  cluster = await startTestCluster();
  for (const namespace of ['team-a', releaseNamespace]) await createNamespace(cluster.kubectl, namespace);
  await cluster.apply(deployment('early', images.registry));
  await untilNothingPulls(cluster.kubectl, 'team-a');
  await cluster.helm(
    ...['install', 'pullsecret-sync', chart, '-n', releaseNamespace, ...imageValues],
    ...['--set', 'registries.main.server=registry.example.com,registries.main.username=robot'],
    ...['--set-literal', `registries.main.password=${password}`, '--set', 'admissionPolicy.enabled=false'],
  );
  const own = { 'elsewhere.example.com': { auth: Buffer.from(uniqueLogin('own')).toString('base64') } };
  await cluster.apply(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'own', namespace: 'team-a' },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: own })).toString('base64') },
    },
    deployment('own', images.registry, { imagePullSecrets: [{ name: 'own' }] }),
    deployment('missing', 'registry.example.com/team/none:1'),
    deployment('uncovered', images.dockerHub),
  );
  config = join(cluster.cluster.controlPlane.directory, 'config.yaml');
  const key = ['-o', 'jsonpath={.data.config\\.yaml}'];
  await writeFile(config, await cluster.kubectl('get', 'configmap', 'pullsecret-sync', '-n', releaseNamespace, ...key));
  await untilNothingPulls(cluster.kubectl, 'team-a', ['ImagePullBackOff']);
});
after(() => cluster[Symbol.asyncDispose]());

function deployment(name: string, image: string, spec: object = {}): object {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { ...spec, containers: [{ name: 'app', image }] } };
  const metadata = { name, namespace: 'team-a' };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { selector: { matchLabels: labels }, template } };
}

async function walk(app: string): Promise<Chain & { firstBroken: Link | null }> {
  const named = ['get', 'pods', '-n', 'team-a', '-l', `app=${app}`, '-o', 'jsonpath={.items[0].metadata.name}'];
  const pod = `team-a/${await cluster.kubectl(...named)}`;
  const to = ['--kubeconfig', cluster.cluster.controlPlane.kubeconfig, '--config', config, '--output', 'json'];
  const { stdout } = await run(process.execPath, [bundleFile, 'status', '--pod', pod, ...to]);
  return JSON.parse(stdout);
}

/** What a real kubelet, over a real containerd and registry, leaves of a pod, and where it leads. */
const cases: Array<[app: string, link: LinkName, says: RegExp, kubelet: RegExp]> = [
  ['early', 'pullSecrets', /made before its ServiceAccount named/, /the kubelet had none to give/],
  ['own', 'pullSecrets', /brings its own list \(own\)/, /the kubelet had none to give/],
  ['missing', 'kubelet', /no such image or tag/, /not found/],
  ['uncovered', 'registry', /no login for docker\.io/, /the kubelet had none to give/],
];
for (const [app, link, says, kubelet] of cases) {
  test(`the pod of "${app}" leads to ${link}`, async () => {
    const { firstBroken, links } = await walk(app);

    assert.equal(firstBroken?.link, link, JSON.stringify(links));
    assert.match(firstBroken.says, says);
    assert.match(links.find((one) => one.link === 'kubelet')?.says ?? '', kubelet);
  });
}

test('the cure of the one that came too early lets it run, and then no link is broken', async () => {
  const { firstBroken } = await walk('early');
  const [, ...args] = firstBroken?.fix?.split(' ') ?? [];

  await cluster.kubectl(...args);

  await cluster.kubectl('rollout', 'status', 'deployment/early', '-n', 'team-a', '--timeout=90s');
  await until('the pod that came too early is gone', async () => {
    const names = await cluster.kubectl('get', 'pods', '-n', 'team-a', '-l', 'app=early', '-o', 'name');
    return names.trim().split('\n').length === 1;
  });
  const { firstBroken: none, pulled } = await walk('early');
  assert.deepEqual({ none, pulled }, { none: null, pulled: true });
});

test('a login that the registry takes no more leads to the kubelet, which says so', async () => {
  await cluster.cluster.registry.setPassword('another');
  await cluster.apply(deployment('locked', 'registry.example.com/team/locked:1'));
  await until('its pod waits', async () => {
    const reason = 'jsonpath={.items[0].status.containerStatuses[0].state.waiting.reason}';
    return (await cluster.kubectl('get', 'pods', '-n', 'team-a', '-l', 'app=locked', '-o', reason)).includes('Pull');
  });

  const { firstBroken } = await walk('locked');

  assert.equal(firstBroken?.link, 'kubelet');
  assert.match(firstBroken.says, /the registry refused the login; it said \d+ seconds ago: .*401 Unauthorized/);
});
