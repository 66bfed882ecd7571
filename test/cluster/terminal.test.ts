import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify, stripVTControlCharacters } from 'node:util';
import { bundleFile } from '../../scripts/build.ts';
import { uniqueLogin } from '../support/leaks/unique-password.ts';
import { openScreen } from '../support/screen.ts';
import { registryValues, releaseNamespace, sourceSecret, startTestCluster, type TestCluster } from './support.ts';

const run = promisify(execFile);
const program = `${process.execPath} ${bundleFile}`;
const namespaces = Array.from({ length: 150 }, (_, index) => `team-${index}`);
/** As `TestCluster.job` has it, but for the ConfigMap: on a terminal that is an option. */
const named = `--config-map ${releaseNamespace}/pullsecret-sync`;
const job = [`--serviceaccount=${releaseNamespace}:pullsecret-sync`];
let cluster: TestCluster;

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces(...namespaces);
  await cluster.install(registryValues());
});
after(() => cluster[Symbol.asyncDispose]());

async function onTerminal(args: string, columns: number) {
  await using screen = openScreen(`${program} ${args}`, { KUBECONFIG: cluster.jobKubeconfig }, columns);
  const code = await screen.ended;
  return { code, sent: screen.sent(), text: screen.text() };
}

/** Lines that a terminal breaks: only what people copy may be such, a command, a rule in braces or what stands in quotes. */
function tooLong(sent: string, columns: number): string[] {
  const lines = stripVTControlCharacters(sent).split('\r\n');
  return lines.filter((line) => line.length > columns && !/^ *(?:Fix: )?(?:kubectl |\{|")/.test(line));
}

test('a plan can be read at 40 columns, and no line of it is broken by the terminal', async () => {
  const { code, sent, text } = await onTerminal(`plan ${named}`, 40);

  assert.equal(code, 0, text);
  for (const name of namespaces) assert.match(text, new RegExp(`^${name}$`, 'm'));
  assert.deepEqual(tooLong(sent, 40), []);
});

test('a status can be read at 40 columns', async () => {
  const { sent, text } = await onTerminal(`status ${named}`, 40);

  assert.match(text, /^team-14 +drift$/m);
  assert.deepEqual(tooLong(sent, 40), []);
});

test('the way to a namespace can be read at 40 columns', async () => {
  const { sent, text } = await onTerminal(`status ${named} --namespace team-7`, 40);

  assert.match(text, /^ {2}BROKEN +copy\n {4}image-pull-secret: /m);
  assert.deepEqual(tooLong(sent, 40), []);
});

test('on a terminal what a plan would make and the state of a namespace are coloured', async () => {
  const env = { KUBECONFIG: cluster.jobKubeconfig };
  for (const [args, part] of [
    [`plan ${named}`, 'create copy'],
    [`status ${named}`, 'drift'],
    [`status ${named} --namespace team-7`, 'BROKEN'],
  ] as const) {
    await using screen = openScreen(`${program} ${args}`, env, 120);
    await screen.ended;

    assert.ok(screen.isColoured(part), screen.text());
  }
});

test('a reader that goes away early is not told of', async () => {
  for (const args of ['plan', 'status']) {
    const env = { PATH: process.env.PATH, KUBECONFIG: cluster.jobKubeconfig, PULLSECRET_SYNC_LOG_FORMAT: 'text' };
    const { stderr } = await run('sh', ['-c', `${program} ${args} ${named} | head -n 1`], { env });

    assert.equal(stderr, '');
  }
});

test('a long run shows how far it is, leaves nothing of that behind, and no line of its log is lost in it', async () => {
  // It comes late, so the run has lasted for a while when it begins to write.
  const sources = [{ secret: 'late' }];
  const config = await cluster.writeConfig({ sources }, { concurrency: 1 });
  await cluster.kubectl(['create', 'clusterrolebinding', 'job-may-all', '--clusterrole=cluster-admin', ...job]);
  await using screen = openScreen(`${program} sync --config ${config}`, { KUBECONFIG: cluster.jobKubeconfig }, 160);
  await screen.shows(/waiting for sources/);

  await cluster.applyObjects(sourceSecret('late', uniqueLogin('late')));
  const code = await screen.ended;

  assert.equal(code, 0, screen.text());
  assert.match(screen.sent(), /\[=* *\] \d+ of \d+ namespaces, .* left, .*\/s/);
  const lines = screen.text().split('\n');
  const created = lines.filter((line) => /^copy created {2}namespace=\S+ {2}secret=image-pull-secret$/.test(line));
  assert.ok(created.length >= namespaces.length);
  assert.doesNotMatch(screen.text(), /of \d+ namespaces,|objects read/);
});
