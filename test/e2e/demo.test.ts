import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { after, before, suite, test } from 'node:test';
import { jobImage } from '../../scripts/cluster/job-image.ts';
import { createNamespace } from '../../scripts/cluster/workloads.ts';
import { until } from '../../scripts/until.ts';
import { documented } from '../support/page.ts';
import { password, root, startTestCluster, type TestCluster } from './support.ts';

interface Ended {
  code: number;
  output: string;
}

/** A command of the README, as a person types it. */
async function demo(command: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn('sh', ['-c', command], { cwd: root, env: { ...process.env, ...env } });
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, output: output + errors };
}

/** A demo that leaves its cluster until it is interrupted. */
function keptDemo(command: string, env: NodeJS.ProcessEnv) {
  const child = spawn('sh', ['-c', command], { cwd: root, env: { ...process.env, ...env }, detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  const ended = once(child, 'close');
  return {
    output: () => output,
    hasEnded: () => child.exitCode !== null,
    async [Symbol.asyncDispose]() {
      // As Ctrl-C on a terminal: all that was started from there.
      if (child.exitCode === null) process.kill(-(child.pid as number), 'SIGINT');
      await ended;
    },
  };
}

function assertTold(output: string, steps: string[]): void {
  for (const step of steps) assert.ok(output.includes(step), `"${step}" is not told in:\n${output}`);
  assert.doesNotMatch(output, /s3cr3t|r0tated|w\\ord/);
}

const steps = [
  'every pod is in ImagePullBackOff',
  'every Deployment runs',
  'the next scheduled run reaches it; its Deployment runs',
  'its pods do not run, though the images are on the node',
];

test("the demo shows the main job on a cluster of its own, whatever credentials are in the person's environment", async () => {
  const env = { REGISTRY_SERVER: 'other.example.com', PULLSECRET_SYNC_IMAGE: 'none' };
  const command = documented('README.md', 'Two commands', 'npm run demo\n').trim();
  await using kept = keptDemo(`${command} -- --keep`, env);

  const isTold = async () => kept.hasEnded() || kept.output().includes('nsenter');
  await until('the demo says how to enter its cluster', isTold, 300_000);

  assertTold(kept.output(), [...steps, 'a pod that pulls anew can']);
  const [enter = 'false'] = /nsenter .*(?= bash$)/m.exec(kept.output()) ?? [];
  const status = documented('README.md', 'Check that it works', 'npm run build').split('\n').slice(0, 2).join('\n');
  const { code, output } = await demo(`${enter} bash -ec '${status} --output text'`);
  assert.equal(code, 0, output);
  assert.match(output, /^Target default: image-pull-secret is in line in (\d+) of \1 namespaces/m);
});

suite('the demo on a cluster that the person has', () => {
  let cluster: TestCluster;
  let env: NodeJS.ProcessEnv;
  const command = documented('README.md', 'Two commands', '--image').replace('NAME', 'local');

  before(async () => {
    cluster = await startTestCluster();
    const login = { REGISTRY_SERVER: 'registry.example.com', REGISTRY_USERNAME: 'robot', REGISTRY_PASSWORD: password };
    env = { ...login, KUBECONFIG: cluster.cluster.controlPlane.kubeconfig, PULLSECRET_SYNC_IMAGE: jobImage };
    await createNamespace(cluster.kubectl, 'bystander');
  });
  after(() => cluster[Symbol.asyncDispose]());

  test('starts nothing without an image to deploy', async () => {
    const { code, output } = await demo(command.replace(/ --image .*/, ''), env);

    assert.equal(code, 1);
    assert.match(output, /Name at least one private image/);
  });

  test('touches nothing where one of its namespaces is there already', async () => {
    await createNamespace(cluster.kubectl, 'demo-shop');

    const { code, output } = await demo(command, env);

    assert.equal(code, 1);
    assert.match(output, /has the namespaces demo-shop already/);
    await cluster.kubectl('delete', 'namespace', 'demo-shop');
  });

  test('plays in its own namespaces, leaves the others alone and takes everything down', async () => {
    const before = await cluster.kubectl('get', 'namespaces', '-o', 'name');

    const { code, output } = await demo(command, env);

    assert.equal(code, 0, output);
    assertTold(output, [...steps, 'left out: the registry is not ours to change']);
    assert.equal(await cluster.kubectl('get', 'namespaces', '-o', 'name'), before);
    assert.equal(await cluster.kubectl('get', 'secrets', '-n', 'bystander', '-o', 'name'), '');
  });
});
