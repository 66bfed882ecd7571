import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify, stripVTControlCharacters } from 'node:util';
import { version } from '../../job/src/version.ts';
import { jobImage } from '../../scripts/cluster/job-image.ts';
import { nameRegistry } from '../../scripts/cluster/node.ts';
import { startRegistry } from '../../scripts/cluster/registry.ts';
import { runInSandbox } from '../../scripts/cluster/sandbox.ts';
import { createNamespace, untilNothingPulls } from '../../scripts/cluster/workloads.ts';
import { tool } from '../../scripts/tools.ts';
import { searchFiles } from '../support/leaks/search-cluster.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { documented } from '../support/page.ts';
import { type Shell, startShell } from '../support/shell.ts';
import { bringUp, logIn, teams } from './bring-up.ts';
import { images, password, releaseNamespace, root, startTestCluster, type TestCluster } from './support.ts';

const run = promisify(execFile);
const parts = new AsyncDisposableStack();

let cluster: TestCluster;
let shell: Shell;

/** A cluster as many are: one team has a Secret of its own, another one waits for an image. */
before(async () => {
  cluster = parts.use(await startTestCluster());
  await publishImage();
  for (const namespace of ['team-a', 'team-x', 'shop']) await createNamespace(cluster.kubectl, namespace);
  const { kubeconfig, directory } = cluster.cluster.controlPlane;
  const programs = { docker: join(import.meta.dirname, 'docker-stand-in.ts') };
  shell = await startShell(kubeconfig, directory, { programs, env: { REGISTRY_PASSWORD: password } });
  const login = ['--docker-server=registry.example.com', '--docker-username=team'];
  const secret = ['secret', 'docker-registry', 'image-pull-secret', '-n', 'team-x', ...login];
  await cluster.kubectl('create', ...secret, `--docker-password=${uniquePassword('of the team')}`);
  const named = JSON.stringify({ imagePullSecrets: [{ name: 'image-pull-secret' }] });
  await cluster.kubectl('patch', 'serviceaccount', 'default', '-n', 'team-x', '--patch', named);
  await cluster.createPod('shop', 'web-6b9f7d8c54-x2x7q', images.registry);
  await untilNothingPulls(cluster.kubectl, 'shop');
  await shell('kubectl config set-context staging --cluster=local --user=admin');
});
after(() => parts.disposeAsync());

/** Puts the image to where the chart's values say it is, for everybody. */
async function publishImage(): Promise<void> {
  const { registry, controlPlane } = cluster.cluster;
  const { directory } = controlPlane;
  const login = { username: 'nobody', password: uniquePassword('nobody') };
  const ghcr = parts.use(await startRegistry({ host: 'ghcr.io', port: 5003, directory, isPublic: true, ...login }));
  await nameRegistry(directory, ghcr);
  const from = jobImage.replace(registry.host, registry.address);
  const to = `${ghcr.address}/pullsecret-sync/pullsecret-sync:${version}`;
  const env = { ...process.env, DOCKER_CONFIG: await registry.login() };
  await run(await tool('crane'), ['copy', '--insecure', from, to], { env });
}

/** What the page's line for scripts prints: a line for each namespace that is not in line. */
function notInLine(): Promise<string> {
  return shell(documented('chart/pages/command.md', 'Reports', 'jq'));
}

test('the command is linked to where the shell finds it, for a person who has nothing there', async () => {
  await shell(documented('chart/pages/command.md', 'From any machine with a kubeconfig', 'ln -s'));

  assert.equal((await shell('pullsecret-sync --version')).trim(), version);
});

test('what is there becomes values, without a credential', async () => {
  const command = documented('chart/pages/operating.md', 'Start from what is there', 'import');
  assert.equal(documented('chart/README.md', 'Install', 'import'), command);

  await shell(command);

  assert.match(await readFile(join(shell.folder, 'values.yaml'), 'utf8'), /registry\.example\.com/);
  await searchFiles(shell.folder, 'values.yaml');
});

test("the README's two commands install it, and private pods run in a namespace that had no credentials", async () => {
  await shell(documented('README.md', 'Two commands', 'helm install'));

  await cluster.createPod('team-a', 'app', images.registry);
  await cluster.untilPodRuns('team-a', 'app');
});

test('the check passes, lists the copies and shows the status', async () => {
  const commands = documented('README.md', 'Check that it works', 'helm test');
  assert.ok(commands.startsWith(documented('chart/README.md', 'Install', 'helm test')));

  const printed = await shell(commands);

  assert.match(printed, /^Phase: +Succeeded$/m);
  assert.match(printed, /^team-a +image-pull-secret /m);
  assert.match(printed, /^ +exitCode: 0$/m);
});

test('status, plan and the page come from the machine of the person', async () => {
  const printed = await shell(documented('README.md', 'Check that it works', 'npm run build'));

  assert.match(printed, /^team-x +conflict$/m);
  assert.match(printed, /^0 actions in 5 selected namespaces/m);
  assert.match(await readFile(join(shell.folder, 'status.html'), 'utf8'), /^<!doctype html>.*team-a/is);
  await searchFiles(shell.folder, 'status.html');
});

test('a pod that waits in vain is told why', async () => {
  const printed = await shell(documented('README.md', 'Why can this pod not pull?'));

  assert.match(printed, /^First broken link: pull secrets$/m);
  const all = await shell(documented('chart/pages/command.md', 'How is the cluster, and what would a run do', 'shop'));
  assert.match(all, /web-6b9f7d8c54-x2x7q: it names none/);
});

test('a conflict is told in the status, and to the team by an Event', async () => {
  const status = await shell(documented('chart/pages/operating.md', 'Be told', 'pullsecret-sync-status'));
  const events = await shell(documented('chart/pages/operating.md', 'Be told', 'kubectl events'));

  assert.match(status, /team-x/);
  assert.match(events, /SecretKept/);
});

test('the command shows the same, for people and for scripts', async () => {
  const plan = await shell(documented('chart/pages/operating.md', 'Start from what is there', 'plan'));
  const both = documented('chart/pages/command.md', 'How is the cluster, and what would a run do', 'plan');
  await shell(documented('chart/pages/command.md', 'Reports', 'html'));

  assert.match(plan, /^0 actions in 5 selected namespaces/m);
  assert.ok((await shell(both)).endsWith(plan));
  assert.equal(await notInLine(), 'conflict team-x\n');
});

test('the image does the same as a container that gets the kubeconfig, run by the kubelet in place of Docker', async () => {
  const printed = await shell(documented('chart/pages/command.md', 'From any machine with a kubeconfig', 'docker run'));

  assert.match(stripVTControlCharacters(printed), /^team-x +conflict$/m);
});

test('a namespace is left out by the annotation', async () => {
  await shell(documented('chart/pages/operating.md', 'Leave a namespace out'));

  assert.equal(await notInLine(), '');
});

test('without hooks it is cleaned up by hand and then uninstalled', async () => {
  await shell(documented('chart/README.md', 'Uninstall', '--no-hooks'));

  const kinds = 'secrets,serviceaccounts,cronjobs,clusterroles,configmaps';
  assert.doesNotMatch(await cluster.kubectl('get', kinds, '-A', '-o', 'name'), /pullsecret-sync/);
  const byName = ['--field-selector=metadata.name=image-pull-secret', '-o', 'jsonpath={.items[*].metadata.namespace}'];
  assert.equal(await cluster.kubectl('get', 'secrets', '-A', ...byName), 'team-x');
});

suite('after a disaster', () => {
  before(async () => {
    for (const namespace of ['team-b', 'team-c', 'bystander']) await createNamespace(cluster.kubectl, namespace);
    await logIn(shell);
    await bringUp(cluster, shell, 'before');
  });

  test('the release namespace is deleted by hand: pods go on pulling, and the same command brings all back', async (context) => {
    await cluster.kubectl('delete', 'namespace', releaseNamespace, '--timeout=90s');
    await cluster.createPod('bystander', 'without-release', images.registry);
    await cluster.untilPodRuns('bystander', 'without-release');
    // What is lost and what is new meanwhile has to come back too.
    await cluster.kubectl('delete', 'secret', 'image-pull-secret', '-n', 'team-a');
    await createNamespace(cluster.kubectl, 'meanwhile');

    const seconds = await bringUp(cluster, shell, 'after', [...teams, 'meanwhile']);

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
});
