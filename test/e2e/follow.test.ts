import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createNamespace } from '../../scripts/cluster/workloads.ts';
import { checkMetrics } from '../support/promtool.ts';
import {
  chart,
  credentials,
  images,
  imageValues,
  releaseNamespace,
  startTestCluster,
  type TestCluster,
} from './support.ts';

let cluster: TestCluster;
// Whatever happens here nobody does but the follower.
const alone = ['--set', 'follow.enabled=true,suspend=true,admissionPolicy.enabled=false,runOnInstall.enabled=false'];

const place = ['pullsecret-sync', '-n', releaseNamespace];
const everything = ['--all-namespaces', '--field-selector', 'metadata.name=image-pull-secret', '-o', 'name'];

before(async () => {
  cluster = await startTestCluster();
  await createNamespace(cluster.kubectl, releaseNamespace);
  await cluster.kubectl('label', 'namespace', releaseNamespace, 'pod-security.kubernetes.io/enforce=restricted');
});
after(() => cluster[Symbol.asyncDispose]());

test('an installation waits for a follower that has looked at everything', async () => {
  // Its own image is private: where there is no copy yet, the source lets it start.
  await cluster.helm(
    'install',
    ...place,
    chart,
    ...imageValues,
    ...credentials(),
    ...alone,
    '--wait',
    '--timeout=180s',
  );

  assert.match(await cluster.kubectl('get', 'secrets', ...everything), /image-pull-secret/);
});

test('in a namespace that is new a private pod runs, and no schedule does', async () => {
  await createNamespace(cluster.kubectl, 'brand-new');
  await cluster.kubectl('wait', '--for=create', 'secret/image-pull-secret', '-n', 'brand-new', '--timeout=60s');
  await cluster.kubectl(
    ...['wait', '--for=jsonpath={.imagePullSecrets[0].name}=image-pull-secret'],
    ...['serviceaccount/default', '-n', 'brand-new', '--timeout=60s'],
  );

  await cluster.createPod('brand-new', 'app', images.registry);

  await cluster.untilPodRuns('brand-new', 'app');
  assert.equal(await cluster.kubectl('get', 'jobs', '-n', releaseNamespace, '-o', 'name'), '');
});

test('its metrics are those of a real pod', async () => {
  const address = await cluster.kubectl(
    ...['get', 'pods', '-n', releaseNamespace, '-l', 'app.kubernetes.io/component=follower'],
    ...['-o', 'jsonpath={.items[0].status.podIP}'],
  );

  const text = await (await fetch(`http://${address}:8080/metrics`)).text();

  await checkMetrics(text);
  assert.match(text, /^pullsecret_sync_namespaces\{state="failed"\} 0$/m);
});

test('another configuration starts it anew, and it works with it', async () => {
  const values = [...imageValues, ...credentials(), ...alone, '--set', 'secretName=registry-login'];

  await cluster.helm('upgrade', ...place, chart, ...values, '--wait', '--timeout=180s');

  await cluster.kubectl('wait', '--for=create', 'secret/registry-login', '-n', 'brand-new', '--timeout=60s');
  await cluster.helm(
    ...['upgrade', ...place, chart, ...imageValues, ...credentials(), ...alone],
    ...['--set', 'previousSecretNames={registry-login},retireAfter=0s', '--wait', '--timeout=180s'],
  );
});

test('an uninstallation ends it first, and nothing comes back', async () => {
  await cluster.helm('uninstall', ...place, '--wait', '--timeout=180s');

  assert.equal(await cluster.kubectl('get', 'secrets', ...everything), '');
  const account = await cluster.kubectl('get', 'serviceaccount', 'default', '-n', 'brand-new', '-o', 'json');
  assert.equal(JSON.parse(account).imagePullSecrets, undefined);
});
