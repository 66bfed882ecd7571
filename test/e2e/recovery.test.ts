import assert from 'node:assert/strict';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runInSandbox } from '../../scripts/cluster/sandbox.ts';
import { createNamespace } from '../../scripts/cluster/workloads.ts';
import { bringUp, teams } from './bring-up.ts';
import { images, releaseNamespace, root, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;

before(async () => {
  cluster = await startTestCluster();
  for (const namespace of [...teams, 'bystander']) await createNamespace(cluster.kubectl, namespace);
  await bringUp(cluster, 'before');
});
after(() => cluster[Symbol.asyncDispose]());

test('the release namespace is deleted by hand: pods go on pulling, and the same command brings all back', async (context) => {
  await cluster.kubectl('delete', 'namespace', releaseNamespace, '--timeout=90s');
  await cluster.createPod('bystander', 'without-release', images.registry);
  await cluster.untilPodRuns('bystander', 'without-release');
  // What is lost and what is new meanwhile has to come back too.
  await cluster.kubectl('delete', 'secret', 'image-pull-secret', '-n', 'team-a');
  await createNamespace(cluster.kubectl, 'meanwhile');

  const seconds = await bringUp(cluster, 'after', [...teams, 'meanwhile']);

  context.diagnostic(`from the command to running pods in all namespaces: ${seconds.toFixed(1)} s`);
});

test('a whole new cluster: the same command lets pods run in every namespace', async (context) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'recovery-'));
  const result = join(folder.path, 'seconds');
  const script = join(import.meta.dirname, 'new-cluster.ts');

  const code = await runInSandbox(process.execPath, [
    '--import',
    join(root, 'scripts', 'templates-hook.ts'),
    script,
    result,
  ]);

  assert.equal(code, 0);
  const seconds = Number(await readFile(result, 'utf8'));
  assert.ok(seconds > 0);
  context.diagnostic(`from the command to running pods in all namespaces: ${seconds.toFixed(1)} s`);
});
