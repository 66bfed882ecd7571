import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../job/src/config/config.ts';
import { allNames, forgottenNames } from '../../job/src/plan/names-in-use.ts';

function config(include: string[], rest: object = {}) {
  const target = { name: 'default', secretName: 'new', sources: [{ secret: 'source' }], serviceAccounts: { include } };
  return parseConfig(
    JSON.stringify({ release: 'registry-access/pullsecret-sync', targets: [target], ...rest }),
    'test',
  );
}

const earlier = (serviceAccounts: string[]) => ({ secrets: ['old'], serviceAccounts });

test('the names of earlier runs and of now are in use, each once and sorted', () => {
  const all = allNames(config(['default', 'app-*']), earlier(['default', 'builder']));

  assert.deepEqual(all, { secrets: ['new', 'old'], serviceAccounts: ['app-*', 'builder', 'default'] });
});

test('a name that is in no list any more is forgotten', () => {
  const all = { secrets: ['new', 'old'], serviceAccounts: ['default', 'builder'] };

  const forgotten = forgottenNames(config(['default']), all);

  assert.deepEqual(forgotten, { secrets: ['old'], serviceAccounts: ['builder'] });
});

test('a ServiceAccount name that a glob covers is not forgotten', () => {
  const forgotten = forgottenNames(config(['app-*']), earlier(['app-1', 'app-?', 'builder']));

  assert.deepEqual(forgotten.serviceAccounts, ['builder']);
});

test('a glob that was narrowed is forgotten until a previous list holds it', () => {
  const narrowed = forgottenNames(config(['default']), earlier(['*']));
  const undone = forgottenNames(config(['default'], { previousServiceAccounts: ['*'] }), earlier(['*', 'app-*']));

  assert.deepEqual(narrowed.serviceAccounts, ['*']);
  assert.deepEqual(undone.serviceAccounts, []);
});
