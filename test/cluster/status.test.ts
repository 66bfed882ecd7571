import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { parse, stringify } from 'yaml';
import { uniqueLogin, uniquePassword } from '../support/leaks/unique-password.ts';
import {
  password,
  registryValues,
  releaseNamespace,
  secretName,
  sourceSecret,
  startTestCluster,
  type TestCluster,
} from './support.ts';

let cluster: TestCluster;
const name = 'pullsecret-sync-status';

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces('team-a');
  await cluster.install(registryValues());
});
after(() => cluster[Symbol.asyncDispose]());

async function status() {
  const { data = {} } = await cluster.get<V1ConfigMap>('configmap', name, '-n', releaseNamespace);
  return parse(data['status.yaml'] ?? '');
}

test('the status says when the run was, how it ended, with which sources, and holds no credential', async () => {
  await cluster.job(['sync']);

  const written = await status();
  const { metadata } = await cluster.get<V1ConfigMap>('secret', 'pullsecret-sync-source', '-n', releaseNamespace);
  assert.equal(written.exitCode, 0);
  assert.equal(written.inLine, written.namespaces);
  assert.deepEqual(written.targets[0].sources, [
    { source: 'Secret pullsecret-sync-source', version: `${metadata?.uid}/${metadata?.resourceVersion}` },
  ]);
  assert.doesNotMatch(JSON.stringify(written), new RegExp(`${password.slice(0, 6)}|auths`));
});

test('a status with many conflicts stays small: it names fifty and counts the rest', async () => {
  const crowd = Array.from({ length: 60 }, (_, index) => `foreign-${index}`);
  await cluster.createNamespaces(...crowd);
  await cluster.applyObjects(
    ...crowd.map((namespace) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: secretName, namespace } })),
  );

  await cluster.job(['sync']);

  const written = await status();
  assert.equal(written.conflicts, 60);
  assert.equal(written.conflictsNamed.length, 50);
});

test('a run that began earlier never overwrites the status of a later one', async () => {
  await cluster.install({ existingSecrets: ['late'], sourceTimeout: '60s' });
  const earlier = cluster.startJob(['sync']);
  await cluster.untilJobAsks('get', 'secrets', 'late');
  const later = { ...(await status()), started: new Date().toISOString() };
  const patch = JSON.stringify({ data: { 'status.yaml': stringify(later) } });
  await cluster.kubectl(['patch', 'configmap', name, '-n', releaseNamespace, '--type=merge', '-p', patch]);
  await cluster.applyObjects(sourceSecret('late', uniqueLogin('late')));

  const { code } = await earlier.ended;

  assert.equal(code, 0);
  assert.equal((await status()).started, later.started);
  await cluster.install(registryValues());
  await cluster.kubectl(['delete', 'configmap', name, '-n', releaseNamespace]);
});

test('a status that says it began in the future keeps no other one away', async () => {
  await cluster.job(['sync']);
  const wrong = { ...(await status()), started: '2999-01-01T00:00:00.000Z' };
  const patch = JSON.stringify({ data: { 'status.yaml': stringify(wrong) } });
  await cluster.kubectl(['patch', 'configmap', name, '-n', releaseNamespace, '--type=merge', '-p', patch]);

  await cluster.job(['sync']);

  assert.ok((await status()).started < wrong.started);
});

test('a name that was in use once and is in no list any more is reported, with the commands that remove it', async () => {
  await cluster.job(['sync']);
  await cluster.install({ ...registryValues(), secretName: 'new-name' });

  const { events } = await cluster.job(['sync']);

  const warning = events.find(({ secret, level }) => level === 'warn' && secret === secretName);
  assert.match(String(warning?.fix), /put it into previousSecretNames and upgrade/);
  assert.deepEqual((await status()).namesInUse.secrets, [secretName, 'new-name']);
  assert.equal((await cluster.copies()).get('team-a')?.metadata?.name, secretName);

  await runAsWritten(warning?.remove);
  await runAsWritten(warning?.forget);
  const { events: later } = await cluster.job(['sync']);

  assert.equal((await cluster.copies()).has('team-a'), false);
  assert.ok((await cluster.copies()).has('foreign-0'), 'what is not ours stays');
  assert.deepEqual(
    later.filter(({ secret, forget }) => secret === secretName && forget !== undefined),
    [],
  );
});

/** A command that the program printed. */
async function runAsWritten(command: unknown): Promise<void> {
  const [program, ...args] = String(command).split(' ');
  assert.equal(program, 'kubectl');
  await cluster.kubectl(args);
}

test('a run that is told to stop says so in the status, with what it did until then', async () => {
  const profiles = { late: { existingSecrets: ['never'], namespaces: { include: ['team-a'] }, secretName: 'late' } };
  await cluster.install({ ...registryValues(uniquePassword('r0t@ted')), secretName: 'new-name', profiles });
  const asked = cluster.untilJobAsks('patch', 'secrets', 'new-name');
  const job = cluster.startJob(['sync']);
  await asked;
  await cluster.untilJobAsks('get', 'secrets', 'never');

  job.stop();
  const { code, output } = await job.ended;

  assert.equal(code, 1, output);
  const written = await status();
  assert.equal(written.exitCode, 1);
  assert.equal(written.interrupted, true);
  assert.ok(written.copiesUpdated > 0);
  assert.deepEqual(written.namesInUse.secrets, ['late', 'new-name']);
});

test('names that are new are on record before they are used, so that a run that is killed loses none', async () => {
  await cluster.kubectl(['delete', 'configmap', name, '-n', releaseNamespace]);
  await cluster.install({ ...registryValues(), secretName: 'newest-name' });

  const requests = await cluster.requestsOfJob(() => cluster.job(['sync']));

  const writes = requests.filter(({ verb }) => verb === 'patch').map((one) => one.name);
  assert.equal(writes.indexOf(name), 0);
  assert.equal(writes.lastIndexOf(name), writes.length - 1);
});

test('a program that keeps changing a copy is named, with what to do, and is no failure', async () => {
  const edit = JSON.stringify({ data: { '.dockerconfigjson': 'e30=' } });
  const args = [
    'patch',
    'secret',
    'newest-name',
    '-n',
    'team-a',
    '--type=merge',
    '--field-manager=a-patcher',
    '-p',
    edit,
  ];
  await cluster.kubectl(args);

  const { code, events } = await cluster.job(['sync']);

  assert.equal(code, 0);
  const warning = events.find(({ writer }) => writer !== undefined);
  assert.deepEqual([warning?.namespace, warning?.secret, warning?.writer], ['team-a', 'newest-name', 'a-patcher']);
  assert.match(String(warning?.fix), /stop that program/);
  const written = await status();
  assert.equal(written.editedCopies, 1);
  assert.equal(written.editedCopiesNamed[0].writer, 'a-patcher');
});

test('what takes the place of a copy as imagepullsecret-patcher does it is named too', async () => {
  await cluster.kubectl(['delete', 'secret', 'newest-name', '-n', 'team-a']);
  await cluster.kubectl(
    ['create', '--field-manager=imagepullsecret-patcher', '-f', '-'],
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 'newest-name',
        namespace: 'team-a',
        annotations: { 'app.kubernetes.io/managed-by': 'imagepullsecret-patcher' },
      },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': 'e30=' },
    }),
  );

  const { code, events } = await cluster.job(['sync']);

  assert.equal(code, 0);
  const warning = events.find(({ writer }) => writer !== undefined);
  assert.equal(warning?.writer, 'imagepullsecret-patcher');
  assert.match(String(warning?.fix), /kubectl scale deployment imagepullsecret-patcher --replicas=0 --namespace \S+/);
});

const broken: Array<[what: string, fault: string, fix: RegExp]> = [
  ['an unknown key', 'onConflct: adopt', /unknown key "onConflct" \(did you mean "onConflict"\?\)/],
  ['an unknown key of a selector', 'namespaces: {selector: {matchLabel: {a: b}}}', /did you mean "matchLabels"\?/],
  ['an invalid glob', 'namespaces: {include: ["team-[ab]"]}', /namespaces\.include\.0 must be a glob/],
  [
    'an invalid selector',
    'namespaces: {selector: {matchExpressions: [{key: a, operator: in, values: [b]}]}}',
    /operator must be one of In, NotIn/,
  ],
];
for (const [what, fault, fix] of broken) {
  test(`a ConfigMap with ${what} writes nothing but the status, which says what is wrong`, async () => {
    const text = `release: ${releaseNamespace}/pullsecret-sync\ntargets:\n  - {name: default, secretName: x, sources: [{secret: y}], ${fault}}\n`;
    const patch = JSON.stringify({ data: { 'config.yaml': text } });
    await cluster.kubectl([
      'patch',
      'configmap',
      'pullsecret-sync',
      '-n',
      releaseNamespace,
      '--type=merge',
      '-p',
      patch,
    ]);

    let code: number | undefined;
    const writes = await cluster.writesOfJob(async () => {
      code = (await cluster.job(['sync'])).code;
    });

    assert.equal(code, 78);
    assert.deepEqual(writes, []);
    const written = await status();
    assert.equal(written.exitCode, 78);
    assert.match(written.failuresNamed[0].fix, fix);
    assert.ok(written.namesInUse.secrets.includes('newest-name'));
  });
}
