import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceAccountRecord } from '../../job/src/cluster/cluster.ts';
import { changedReferences } from '../../job/src/plan/plan-references.ts';

const rules = {
  release: { namespace: 'registry-access', name: 'pullsecret-sync' },
  previousReleases: [{ namespace: 'old', name: 'name' }],
};

function serviceAccount(imagePullSecrets: string[], added?: string): ServiceAccountRecord {
  const annotations: Record<string, string> = added === undefined ? {} : { 'pullsecret-sync.io/added': added };
  const version = { uid: 'u1', resourceVersion: '7' };
  return {
    namespace: 'team-a',
    name: 'default',
    ...version,
    annotations,
    imagePullSecrets,
    listAppliedBy: undefined,
    listChangedAt: undefined,
  };
}

test('a reference that is added stands last, with its mark', () => {
  const after = changedReferences(serviceAccount(['theirs']), [{ kind: 'addReference', secretName: 'new' }], rules);

  assert.deepEqual(after, { imagePullSecrets: ['theirs', 'new'], added: 'registry-access/pullsecret-sync:new' });
});

test('a reference that is removed takes its mark along, and the annotation where nothing else is in it', () => {
  const before = serviceAccount(['a', 'old', 'b'], 'registry-access/pullsecret-sync:old');

  const after = changedReferences(before, [{ kind: 'removeReference', secretName: 'old' }], rules);

  assert.deepEqual(after, { imagePullSecrets: ['a', 'b'], added: null });
});

test('the marks of other releases stay', () => {
  const before = serviceAccount(['old'], 'other/release:x,registry-access/pullsecret-sync:old');

  const added = changedReferences(before, [{ kind: 'addReference', secretName: 'new' }], rules).added;
  const removed = changedReferences(before, [{ kind: 'removeReference', secretName: 'old' }], rules).added;

  assert.equal(added, 'other/release:x,registry-access/pullsecret-sync:old,registry-access/pullsecret-sync:new');
  assert.equal(removed, 'other/release:x');
});

test('a mark that somebody wrote with spaces is read all the same', () => {
  const before = serviceAccount(['old'], 'other/release:x, registry-access/pullsecret-sync:old');

  const after = changedReferences(before, [{ kind: 'removeReference', secretName: 'old' }], rules);

  assert.deepEqual(after, { imagePullSecrets: [], added: 'other/release:x' });
});

test('the mark of a release that we follow becomes ours, and the list stays as it is', () => {
  const before = serviceAccount(['new', 'theirs'], 'old/name:new');

  const after = changedReferences(before, [{ kind: 'addReference', secretName: 'new' }], rules);

  assert.deepEqual(after, { imagePullSecrets: ['new', 'theirs'], added: 'registry-access/pullsecret-sync:new' });
});

test('the changes of several names are one list and one mark', () => {
  const before = serviceAccount(['theirs', 'old'], 'registry-access/pullsecret-sync:old');

  const after = changedReferences(
    before,
    [
      { kind: 'addReference', secretName: 'new' },
      { kind: 'removeReference', secretName: 'old' },
    ],
    rules,
  );

  assert.deepEqual(after, { imagePullSecrets: ['theirs', 'new'], added: 'registry-access/pullsecret-sync:new' });
});
