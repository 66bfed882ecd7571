import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { V1Secret, V1ServiceAccount } from '@kubernetes/client-node';
import { until } from '../../scripts/until.ts';
import { patcher, patcherObjects, programFile } from '../support/imagepullsecret-patcher/objects.ts';
import { mayShowSecrets } from '../support/leaks/programs.ts';
import { exceptObjects } from '../support/leaks/search-cluster.ts';
import { documented } from '../support/page.ts';
import { type Shell, startShell } from '../support/shell.ts';
import { loginIn, password, releaseNamespace, secretName, startTestCluster, type TestCluster } from './support.ts';

/** As in the article about it: another name of the source, and Docker Hub by the key that `docker login` writes. */
const source = 'registry-credentials';
const hub = 'https://index.docker.io/v1/';
const auth = Buffer.from(`robot:${password}`).toString('base64');
const dockerConfig = `${JSON.stringify({ auths: { [hub]: { auth } } }, null, '\t')}\n`;
const mark = `${releaseNamespace}/pullsecret-sync`;

exceptObjects(
  'a patcher may be given a docker config in its environment',
  /^\/registry\/\w+\/imagepullsecret-patcher\//,
);

let cluster: TestCluster;
let shell: Shell;
let patcherEnv: NodeJS.ProcessEnv;

before(async () => {
  cluster = await startTestCluster();
  const { directory, server, caFile, kubeconfig } = cluster.controlPlane;
  await cluster.createNamespaces('team-a', 'team-b');
  await cluster.applyObjects({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'builder', namespace: 'team-a' },
    imagePullSecrets: [{ name: 'theirs' }],
  });
  await cluster.applyObjects(...(await patcherObjects({ source, dockerConfig, image: 'registry.example.com/none' })));
  const tokenFile = join(directory, 'patcher.token');
  const create = () => cluster.kubectl(['create', 'token', patcher, '-n', patcher]);
  await writeFile(tokenFile, await mayShowSecrets('it is made to be used', create));
  const { hostname, port } = new URL(server);
  patcherEnv = {
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
    NODE_EXTRA_CA_CERTS: caFile,
    TOKEN_FILE: tokenFile,
    CONFIG_ALLSERVICEACCOUNT: 'true',
    CONFIG_DOCKERCONFIGJSON: dockerConfig,
  };
  shell = await startShell(kubeconfig, directory);
  await patch();
  await install();
});
after(() => cluster[Symbol.asyncDispose]());

function install(excludeSystem = false): Promise<void> {
  const serviceAccounts = { include: ['*'] };
  return cluster.install({ dockerConfigJson: dockerConfig, namespaces: { excludeSystem }, serviceAccounts });
}

function startPatcher(env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(process.execPath, [programFile], {
    env: { ...patcherEnv, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.pipe(process.stderr);
  return child;
}

/** One loop of the patcher, with its own ServiceAccount. */
async function patch(): Promise<void> {
  const [code] = await once(startPatcher({ CONFIG_RUNONCE: 'true' }), 'exit');
  assert.equal(code, 0);
}

const ownerOf = ({ metadata }: V1Secret) => metadata?.annotations?.['pullsecret-sync.io/owner'];

async function assertAllOurs(): Promise<void> {
  for (const [namespace, copy] of await cluster.copies()) assert.equal(ownerOf(copy), `${mark}/${namespace}`);
}

/** The writers of copies that a run names. */
function writersIn(events: ReadonlyArray<Record<string, unknown>>): unknown[] {
  return [...new Set(events.flatMap(({ writer }) => writer ?? []))];
}

/** What ServiceAccounts name, by namespace and name. */
async function references(): Promise<Map<string, Array<string | undefined>>> {
  const accounts = await cluster.list<V1ServiceAccount>('serviceaccounts', '-A');
  return new Map(
    accounts.map(({ metadata, imagePullSecrets = [] }) => [
      `${metadata?.namespace}/${metadata?.name}`,
      imagePullSecrets.map(({ name }) => name),
    ]),
  );
}

test('the first look shows the settings of a patcher, and no password where they hold one', async () => {
  const withPassword = `CONFIG_DOCKERCONFIGJSON=${dockerConfig}`;
  await cluster.kubectl(['set', 'env', `deployment/${patcher}`, '-n', patcher, withPassword]);

  const printed = await shell(
    documented('chart/pages/from-imagepullsecret-patcher.md', '1. Look', 'CONFIG_DOCKERCONFIGJSON'),
  );

  assert.match(printed, /^CONFIG_ALLSERVICEACCOUNT=true$/m);
  assert.doesNotMatch(printed, /CONFIG_DOCKERCONFIGJSON=|auths/);
});

test('a plan names the patcher at each Secret that it takes over', async () => {
  const { events } = await cluster.job(['plan']);

  const taken = events.filter(({ takenFrom }) => takenFrom === patcher).map(({ namespace }) => namespace);
  const copies = [...(await cluster.copies()).keys()];
  assert.ok(copies.includes('kube-system') && copies.includes(patcher));
  assert.deepEqual(taken.toSorted(), copies.toSorted());
});

test('the first run takes over each Secret in place, with its login, and leaves each reference as it is', async () => {
  const before = await cluster.copies();
  const referred = await references();

  const { code, events } = await cluster.job(['sync']);

  assert.equal(code, 0);
  assert.deepEqual(writersIn(events), []);
  await assertAllOurs();
  const now = await cluster.copies();
  for (const [namespace, { metadata }] of before) {
    const copy = now.get(namespace) as V1Secret;
    assert.equal(copy.metadata?.uid, metadata?.uid, namespace);
    assert.equal(loginIn(copy, hub), `robot:${password}`);
  }
  const referredNow = await references();
  const patched = [...referred].filter(([, names]) => names.includes(secretName));
  for (const [account, names] of patched) assert.deepEqual(referredNow.get(account), names, account);
  assert.deepEqual(referredNow.get('team-a/builder'), ['theirs', secretName]);
});

test('the next run has nothing to do', async () => {
  assert.deepEqual(await cluster.writesOfJob(() => cluster.job(['sync'])), []);
});

test('a patcher that still runs is named by each run that finds its work, however often the two meet', async () => {
  const running = startPatcher({ CONFIG_LOOP_DURATION: '0s' });
  try {
    for (let meeting = 1; meeting <= 3; meeting++) {
      await until('the patcher has put its own in place of a copy', async () =>
        [...(await cluster.copies()).values()].some((copy) => ownerOf(copy) === undefined),
      );
      const { events } = await cluster.job(['sync']);
      assert.deepEqual(writersIn(events), [patcher]);
    }
  } finally {
    running.kill();
    await once(running, 'exit');
  }

  const { code } = await cluster.job(['sync']);

  assert.equal(code, 0);
  await assertAllOurs();
  const unreferred = [...(await references())].filter(([, names]) => !names.includes(secretName));
  assert.deepEqual(unreferred, []);
  assert.deepEqual(writersIn((await cluster.job(['sync'])).events), []);
});

test('the way back: the patcher makes every Secret its own again, and coming once more takes them over in place', async () => {
  const copies = [...(await cluster.copies()).keys()];
  await shell(documented('chart/pages/from-imagepullsecret-patcher.md', 'The way back'));
  assert.deepEqual([...(await cluster.copies()).keys()], copies);
  await patch();
  const back = await cluster.copies();
  for (const copy of back.values()) {
    assert.equal(ownerOf(copy), undefined);
    assert.equal(copy.data?.['.dockerconfigjson'], Buffer.from(dockerConfig).toString('base64'));
  }

  await install();
  const { code } = await cluster.job(['sync']);

  assert.equal(code, 0);
  await assertAllOurs();
  for (const [namespace, copy] of await cluster.copies()) {
    assert.equal(copy.metadata?.uid, back.get(namespace)?.metadata?.uid, namespace);
  }
});

test('what the patcher made in system namespaces stays where these are left out, until the command of the page', async () => {
  await patch();
  await install(true);
  await cluster.job(['sync']);
  const left = [...(await cluster.copies())].flatMap(([namespace, copy]) => (ownerOf(copy) ? [] : [namespace]));
  assert.deepEqual(left.toSorted(), ['kube-node-lease', 'kube-public', 'kube-system']);

  const command = documented('chart/pages/from-imagepullsecret-patcher.md', 'Its settings');
  for (const namespace of left) await shell(command.replace('kube-system', namespace));

  assert.equal((await cluster.copies()).has('kube-system'), false);
  const { code, output } = await cluster.job(['plan', '--exit-code']);
  assert.equal(code, 0, output);
});

test("the undo leaves the patcher's references, and the page's commands take them out, and no other", async () => {
  const KUBECONFIG = await cluster.kubeconfigFor(releaseNamespace, 'pullsecret-sync-cleanup');
  const { code } = await cluster.job(['cleanup'], { KUBECONFIG });
  assert.equal(code, 0);
  assert.deepEqual([...(await cluster.copies()).keys()], []);
  assert.deepEqual((await references()).get('team-a/builder'), ['theirs', secretName]);

  await shell(documented('chart/pages/from-imagepullsecret-patcher.md', '6. Make its references yours'));

  const left = [...(await references())].filter(([, names]) => names.length > 0);
  assert.deepEqual(left, [['team-a/builder', ['theirs']]]);
});
