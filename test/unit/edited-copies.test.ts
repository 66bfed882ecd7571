import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyType } from '../../job/src/credentials/docker-config.ts';
import type { EditedCopy } from '../../job/src/plan/edited-copies.ts';
import { describeEditedCopy } from '../../job/src/report/describe.ts';
import { writeStatus } from '../../job/src/report/status.ts';
import type { RunResult } from '../../job/src/run/run-result.ts';
import { engineView } from '../simulation/cluster-model.ts';
import { release } from '../simulation/names.ts';
import { encoded } from '../simulation/sources.ts';
import { contentOfSource, type EngineTest, engineTest, targetOf } from './engine-support.ts';

const mask = { add: () => {}, apply: (text: string) => text };

/** A run with its status, as the program does it. */
async function sync(world: EngineTest): Promise<RunResult> {
  const outcome = await world.run();
  const ending = { started: new Date(0), finished: new Date(0), exitCode: 0, outcome };
  await writeStatus(engineView(world.model, 'run'), release, { ending, mask });
  return outcome;
}

async function inLine(targets: object[], rest: object = {}): Promise<EngineTest> {
  const world = await engineTest({ targets, ...rest });
  for (const name of ['source', 'other']) world.putSource(name);
  await sync(world);
  return world;
}

function edit(world: EngineTest, content = encoded('{"auths":{"x":{}}}')): Promise<void> {
  return world.people.patchSecret('a-patcher', 'team-a', 'pull', { data: { '.dockerconfigjson': content } });
}

const patcherAnnotation = { 'app.kubernetes.io/managed-by': 'imagepullsecret-patcher' };
const secret = { namespace: 'team-a', name: 'pull', type: copyType, data: { '.dockerconfigjson': encoded('{}') } };

test('a copy that somebody wrote although nothing else changed is put right, and its writer is named', async () => {
  const world = await inLine([targetOf('default', 'source')]);
  await edit(world);

  const { editedCopies } = await sync(world);

  assert.deepEqual(editedCopies, [{ namespace: 'team-a', secretName: 'pull', writers: ['a-patcher'] }]);
  assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('source'));
});

test('a copy that somebody wrote and made immutable is named where it has to be made anew', async () => {
  const world = await inLine([targetOf('default', 'source')]);
  await edit(world);
  await world.people.patchSecret('a-patcher', 'team-a', 'pull', { immutable: true });

  const { editedCopies } = await sync(world);

  assert.deepEqual(editedCopies, [{ namespace: 'team-a', secretName: 'pull', writers: ['a-patcher'] }]);
  assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('source'));
});

test('it is named once, and again each time it happens', async () => {
  const world = await inLine([targetOf('default', 'source')]);
  await edit(world);
  await sync(world);

  const between = await sync(world);
  await edit(world);
  const again = await sync(world);

  assert.deepEqual([between.editedCopies.length, again.editedCopies.length], [0, 1]);
});

test('a patcher that deletes the copy and makes its own is named', async () => {
  const world = await inLine([targetOf('default', 'source')]);
  await world.people.deleteSecret('team-a', 'pull');
  await world.people.createSecret('imagepullsecret-patcher', { ...secret, annotations: patcherAnnotation });

  const { editedCopies } = await sync(world);

  assert.deepEqual(
    editedCopies.map(({ writers }) => writers),
    [['imagepullsecret-patcher']],
  );
});

test('a patcher that makes its own in a new namespace is named, whatever it is called as a writer', async () => {
  const world = await inLine([targetOf('default', 'source')]);
  await world.people.createNamespace('team-c');
  await world.people.createSecret('main', { ...secret, namespace: 'team-c', annotations: patcherAnnotation });

  const { editedCopies } = await sync(world);

  assert.deepEqual(
    editedCopies.map(({ namespace, writers }) => [namespace, writers]),
    [['team-c', ['imagepullsecret-patcher']]],
  );
});

test('a tool that writes its marks on the copy again is named, with what of it to stop', async () => {
  const world = await inLine([targetOf('default', 'source')]);
  const annotations = { 'reflector.v1.k8s.emberstack.com/reflects': 'infra/pull' };
  await world.people.patchSecret('Reflector', 'team-a', 'pull', {
    annotations,
    data: { '.dockerconfigjson': encoded('{"auths":{"x":{}}}') },
  });

  const { editedCopies } = await sync(world);

  const [, fields] = describeEditedCopy(editedCopies[0] as EditedCopy);
  assert.equal(fields.writer, 'reflector, from infra/pull');
  assert.match(String(fields.fix), /^scale the Deployment reflector to 0/);
  const copy = world.model.get({ resource: 'secrets', namespace: 'team-a', name: 'pull' });
  assert.equal(copy?.fields.has('annotations/reflector.v1.k8s.emberstack.com/reflects'), false);
});

test('a tool that takes the copy for its own again is named, though it holds what it shall', async () => {
  const world = await inLine([targetOf('default', 'source')]);
  const labels = { 'generate.kyverno.io/policy-name': 'sync-secrets' };
  await world.people.patchSecret('Kyverno', 'team-a', 'pull', { labels });

  const { editedCopies } = await sync(world);
  const after = await sync(world);

  assert.deepEqual(
    editedCopies.map(({ tool }) => tool?.name),
    ['the Kyverno policy sync-secrets'],
  );
  assert.deepEqual(after.editedCopies, []);
});

test('a tool that takes the copy for its own is named, too, where a reference of ours is gone as well', async () => {
  const world = await inLine([targetOf('default', 'source')]);
  await world.people.patchSecret('Kyverno', 'team-a', 'pull', { labels: { 'generate.kyverno.io/policy-name': 'p' } });
  await world.people.patchServiceAccount('Kyverno', 'team-a', 'default', { imagePullSecrets: [] });

  const { editedCopies } = await sync(world);

  assert.deepEqual(
    editedCopies.map(({ tool }) => tool?.name),
    ['the Kyverno policy p'],
  );
});

test('who edits a copy that was taken over from a patcher is named, and the patcher of once is not', async () => {
  const world = await engineTest({ targets: [targetOf('default', 'source')] });
  world.putSource('source');
  await world.people.createSecret('imagepullsecret-patcher', { ...secret, annotations: patcherAnnotation });
  await sync(world);
  await edit(world);

  const { editedCopies } = await sync(world);

  assert.deepEqual(
    editedCopies.map(({ writers }) => writers),
    [['a-patcher']],
  );
});

test('a Secret that takes the place of a copy is named where it is adopted', async () => {
  const rest = { onConflict: 'adopt', serviceAccounts: { include: ['*'] } };
  const world = await inLine([targetOf('default', 'source', rest)]);
  await world.people.deleteSecret('team-a', 'pull');
  await world.people.createSecret('somebody', secret);
  await world.people.createServiceAccount('somebody', 'team-a', 'without-reference');

  const { editedCopies } = await sync(world);

  assert.deepEqual(
    editedCopies.map(({ writers }) => writers),
    [['somebody']],
  );
});

test('a Secret that takes the place of a copy and is kept is a conflict, and no copy that was written', async () => {
  const world = await inLine([targetOf('default', 'source')]);
  await world.people.deleteSecret('team-a', 'pull');
  await world.people.createSecret('somebody', secret);
  const annotations = { 'pullsecret-sync.io/exclude': 'true' };
  await world.people.patchServiceAccount('somebody', 'team-a', 'default', { annotations });

  const { editedCopies, placements } = await sync(world);

  assert.deepEqual(editedCopies, []);
  const kept = placements.find(({ namespace }) => namespace === 'team-a');
  assert.deepEqual([kept?.conflicts[0]?.kind, kept?.actions[0]?.kind], ['keptSecret', 'removeReference']);
});

test('a Secret that is adopted for the first time is no news of a patcher', async () => {
  const world = await inLine([targetOf('default', 'source', { onConflict: 'adopt' })]);
  await world.people.createNamespace('team-c');
  await world.people.createServiceAccount('kube-controller-manager', 'team-c', 'default');
  await world.people.createSecret('somebody', { ...secret, namespace: 'team-c' });

  const { editedCopies } = await sync(world);

  assert.deepEqual(editedCopies, []);
});

test('a rotation is not taken for the work of somebody else', async () => {
  const world = await inLine([targetOf('default', 'source')]);
  world.putSource('source', 1);

  const { editedCopies } = await sync(world);

  assert.deepEqual(editedCopies, []);
});

test('a rotation that an earlier run could not finish is not taken for the work of somebody else', async () => {
  const world = await inLine([targetOf('default', 'source')]);
  world.putSource('source', 1);
  world.model.denials.add('team-a');
  await sync(world);
  world.model.denials.clear();

  const { editedCopies } = await sync(world);

  assert.deepEqual(editedCopies, []);
  assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('source', 1));
});

test('a namespace that moves from one target to another is not taken for the work of somebody else', async () => {
  const selector = { matchLabels: { team: 'yes' } };
  const world = await inLine([targetOf('team', 'other', { namespaces: { selector } }), targetOf('default', 'source')]);
  await world.people.patchNamespace('team-a', { labels: { team: 'yes' } });

  const { editedCopies } = await sync(world);

  assert.deepEqual(editedCopies, []);
  assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('other'));
});

test('a copy of a release that is followed is not taken for the work of somebody else where it comes later', async () => {
  const world = await inLine([targetOf('default', 'source')], { previousReleases: ['elsewhere/before'] });
  await world.people.createNamespace('team-c');
  await world.people.createSecret('pullsecret-sync', {
    ...secret,
    namespace: 'team-c',
    labels: { 'app.kubernetes.io/managed-by': 'pullsecret-sync' },
    annotations: { 'pullsecret-sync.io/owner': 'elsewhere/before/team-c' },
  });

  const { editedCopies } = await sync(world);

  assert.deepEqual(editedCopies, []);
  assert.equal(world.contentOf('team-c', 'pull'), contentOfSource('source'));
});

test('an old copy that follows the targets of its namespace is not taken for the work of somebody else', async () => {
  const selector = { matchLabels: { team: 'yes' } };
  const team = targetOf('team', 'other', { secretName: 'team', namespaces: { selector } });
  const world = await inLine([targetOf('default', 'source', { secretName: 'old' })]);
  await world.people.patchNamespace('team-a', { labels: { team: 'yes' } });
  world.configure({ targets: [team, targetOf('default', 'source')], previousSecretNames: ['old'] });
  await sync(world);
  await world.people.patchNamespace('team-a', { labels: { team: null } });
  const joined = world.contentOf('team-a', 'old');

  const { editedCopies } = await sync(world);

  assert.deepEqual(editedCopies, []);
  assert.notEqual(joined, contentOfSource('source'));
  assert.equal(world.contentOf('team-a', 'old'), contentOfSource('source'));
});

test('a changed configuration is not taken for the work of somebody else', async () => {
  const world = await inLine([targetOf('default', 'source')]);
  world.configure({ targets: [targetOf('default', 'source'), targetOf('more', 'other', { secretName: 'more' })] });
  await edit(world);

  const { editedCopies } = await sync(world);

  assert.deepEqual(editedCopies, []);
});
