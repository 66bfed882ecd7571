import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { Cluster } from '../../job/src/cluster/cluster.ts';
import { parseConfig } from '../../job/src/config/config.ts';
import { createMask } from '../../job/src/credentials/masking.ts';
import type { Problem } from '../../job/src/problem.ts';
import { writeStatus } from '../../job/src/report/status.ts';
import { emptyResult } from '../../job/src/run/run-result.ts';
import { assertNoTrace } from '../support/no-trace.ts';

const config = parseConfig(
  'release: a/pullsecret-sync\ntargets: [{name: default, secretName: pull-secret, sources: [{secret: y}]}]\n',
  'test',
);

/** The status that a run with these problems and these passwords writes, where another one began at some time. */
async function statusAfter(problems: Problem[], passwords: string[], began?: string): Promise<string> {
  let written = '';
  const earlier = { uid: 'x', resourceVersion: '1', annotations: {}, data: { 'status.yaml': `started: "${began}"` } };
  const cluster: Partial<Cluster> = {
    readConfigMap: async () => (began === undefined ? undefined : earlier),
    applyConfigMap: async ({ data }) => {
      written = data['status.yaml'] ?? '';
    },
  };
  const mask = createMask();
  for (const password of passwords) mask.add(password);
  const outcome = {
    ...emptyResult(config),
    names: { secrets: ['pull-secret'], serviceAccounts: ['default'] },
    problems,
  };
  const ending = { started: new Date(0), finished: new Date(1000), exitCode: 1, outcome };
  await writeStatus(cluster as Cluster, config.release, { ending, mask });
  return written;
}

test('what others quote of a Secret is masked in the status', async () => {
  const status = await statusAfter([{ message: 'the webhook says: s3cr3t', fix: 'ask s3cr3t' }], ['s3cr3t']);

  assertNoTrace(status);
  assert.deepEqual(parse(status).failuresNamed, [{ message: 'the webhook says: ***', fix: 'ask ***' }]);
});

test('a password that is a word of the status leaves it whole, with the names that the next run looks for', async () => {
  const passwords = ['default', 'pull-secret', 'namesInUse', 'started', 'failuresNamed', 'message'];
  const status = parse(await statusAfter([{ message: 'a message', fix: 'the default' }], passwords));

  assert.equal(status.started, '1970-01-01T00:00:00.000Z');
  assert.deepEqual(status.failuresNamed, [{ message: 'a ***', fix: 'the ***' }]);
  assert.deepEqual(status.namesInUse, { secrets: ['pull-secret'], serviceAccounts: ['default'] });
});

test('a run that began later keeps its status, and one that is yet to begin does not: its clock was wrong', async () => {
  const [later, afterItsEnd] = ['1970-01-01T00:00:00.500Z', '1970-01-01T00:00:02.000Z'];
  const yetToCome = '1970-01-01T05:00:00.000Z';

  assert.equal(await statusAfter([], [], later), '');
  assert.equal(await statusAfter([], [], afterItsEnd), '');
  assert.equal(parse(await statusAfter([], [], yetToCome)).started, '1970-01-01T00:00:00.000Z');
});
