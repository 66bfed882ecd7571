import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { systemProgram } from '../../scripts/system-program.ts';
import { until } from '../../scripts/until.ts';
import {
  loginIn,
  registryValues,
  releaseNamespace,
  secretName,
  startTestCluster,
  type TestCluster,
} from '../cluster/support.ts';
import { uniqueLogin, uniquePassword } from '../support/leaks/unique-password.ts';

const run = promisify(execFile);
const oldName = 'old-pull-secret';
const teams = ['team-a', 'team-b', 'team-c'];
const minute = 60_000;
const renamed = { previousSecretNames: [oldName], retireAfter: '2h', follow: { enabled: true } };

let cluster: TestCluster;
let preload: string;

before(async () => {
  const faketime = await systemProgram('faketime');
  preload = (await run(faketime, ['-f', '+1h', 'printenv', 'LD_PRELOAD'])).stdout.trim();
  cluster = await startTestCluster();
  await cluster.createNamespaces(releaseNamespace, ...teams);
  await cluster.install({ ...registryValues(), secretName: oldName });
  const { code, output } = await cluster.job(['sync']);
  assert.equal(code, 0, output);
});
after(() => cluster[Symbol.asyncDispose]());

/** The environment of a program by whose clock it is later or earlier than it is: `+5h`. What only goes on evenly is right. */
function clockOff(by: string): NodeJS.ProcessEnv {
  return { LD_PRELOAD: preload, FAKETIME: by, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}

async function rotate(name: string): Promise<void> {
  await cluster.install({ ...registryValues(uniquePassword(name)), ...renamed });
}

async function assertLogins(login: string): Promise<void> {
  const copies = await cluster.copies();
  for (const team of teams) assert.equal(loginIn(copies.get(team) as V1Secret), login);
}

function oldCopies(): Promise<V1Secret[]> {
  return cluster.list<V1Secret>('secrets', '-A', '--field-selector', `metadata.name=${oldName}`);
}

async function status(): Promise<{ started: string; finished: string; exitCode: number }> {
  const { data = {} } = await cluster.get<V1ConfigMap>('configmap', 'pullsecret-sync-status', '-n', releaseNamespace);
  return parse(data['status.yaml'] ?? '');
}

function assertIsNow(time: string | undefined): void {
  assert.ok(Math.abs(Date.parse(time ?? '') - Date.now()) < 5 * minute, `${time} is not now`);
}

for (const by of ['+5h', '-30m', '+20h']) {
  test(`with a clock that is off by ${by} the time of the API server counts, for copies that retire too`, async () => {
    const before = (await oldCopies()).length;
    await rotate(`by ${by}`);

    const { code, events, output } = await cluster.job(['sync'], clockOff(by));

    assert.equal(code, 0, output);
    const warning = events.find(({ message }) => String(message).startsWith('the clock of this machine is wrong'));
    assertIsNow(String(warning?.apiServer));
    assert.ok(Math.abs(Date.parse(String(warning?.here)) - Date.now()) > 20 * minute);
    await assertLogins(uniqueLogin(`by ${by}`));
    const old = await oldCopies();
    assert.equal(old.length, before);
    for (const { metadata } of old) assertIsNow(metadata?.annotations?.['pullsecret-sync.io/retired-at']);
    const { started, finished, exitCode } = await status();
    assert.equal(exitCode, 0);
    for (const time of [started, finished]) assertIsNow(time);
  });
}

for (const [by, code] of [
  ['-2d', 'CERT_NOT_YET_VALID'],
  ['+400d', 'CERT_HAS_EXPIRED'],
] as const) {
  test(`with a clock that is off by ${by} the certificate of the API server is not valid, which is said with a hint`, async () => {
    await rotate(`by ${by}`);

    const wrong = await cluster.job(['sync'], clockOff(by));
    const right = await cluster.job(['sync']);

    assert.equal(wrong.code, 1, wrong.output);
    assert.match(wrong.output, new RegExp(`not trusted at the time that the clock here tells, 20.*\\(${code}\\)`));
    assert.match(wrong.output, /set the clock of this machine right/);
    assert.equal(right.code, 0, right.output);
    await assertLogins(uniqueLogin(`by ${by}`));
    assert.equal((await oldCopies()).length, teams.length + 2);
  });
}

test('a follower goes on at once while its clock jumps', async (context) => {
  const file = join(cluster.controlPlane.directory, 'clock');
  await writeFile(file, '+0');
  const { FAKETIME: _, ...clock } = clockOff('');
  const follower = cluster.startJob(['sync', '--follow'], {
    ...clock,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
  });
  context.after(follower.kill);

  for (const [index, by] of ['+5h', '+0', '-30m', '+0'].entries()) {
    await writeFile(file, by);
    const name = `jump-${index}`;
    await cluster.createNamespaces(name);
    await until(`${name} is in line by ${by}`, async () => {
      return (await cluster.copies()).has(name) && (await cluster.pullSecretsOf(name)).includes(secretName);
    });
  }

  follower.stop();
  const { code, output } = await follower.ended;
  assert.equal(code, 0, output);
  assert.match(output, /the clock of this machine is wrong/);
});
