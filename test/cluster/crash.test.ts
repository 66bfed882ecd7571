import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bundleFile } from '../../scripts/build.ts';
import { outOfMemory, uncaught, whenPasswordIsHeld } from '../support/crash.ts';
import { registryValues, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;
let folder: string;
/** Node's flags as the image has them. */
let flags: string[];

before(async () => {
  cluster = await startTestCluster();
  folder = await mkdtemp(join(cluster.controlPlane.directory, 'work-'));
  const image = await readFile(join(import.meta.dirname, '..', '..', 'job', 'Dockerfile'), 'utf8');
  const [, entrypoint = ''] = /^ENTRYPOINT (.*)$/m.exec(image) ?? [];
  flags = JSON.parse(entrypoint).slice(1, -1);
  await cluster.install(registryValues());
});
after(() => cluster[Symbol.asyncDispose]());

/** A run in which something happens; see {@link whenPasswordIsHeld}. */
async function crashed(
  happens: string,
  more: string[] = [],
): Promise<{ code: unknown; signal: unknown; output: string }> {
  const args = [...flags, ...more, '--import', whenPasswordIsHeld(happens), bundleFile, 'sync'];
  const env = { KUBECONFIG: cluster.jobKubeconfig, PULLSECRET_SYNC_CONFIG_MAP: 'registry-access/pullsecret-sync' };
  const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<typeof crashed>>>();
  execFile(process.execPath, args, { cwd: folder, env, maxBuffer: 64 << 20 }, (error, stdout, stderr) =>
    resolve({ code: error?.code, signal: error?.signal, output: stdout + stderr }),
  );
  return promise;
}

const nobodyForesaw: Array<[what: string, happens: string]> = [
  ['an error that nobody catches', uncaught],
  ['a promise that fails and nobody waits for', 'Promise.reject(Object.assign(new Error(held), { held }));'],
  ['something thrown that is no error', 'setTimeout(() => { throw { held }; });'],
  ['a text that is no JSON, parsed where nobody catches it', 'setTimeout(() => parse(held.slice(20)));'],
];

for (const [what, happens] of nobodyForesaw) {
  test(`${what} ends a run with its name and place, and shows nothing that it holds`, async () => {
    const { code, output } = await crashed(happens);

    assert.equal(code, 1, 'it goes on');
    assert.match(output, /"message":"pullsecret-sync failed unexpectedly"/);
    assert.deepEqual(await readdir(folder), []);
  });
}

const deaths: Array<[what: string, happens: string, told: RegExp]> = [
  ['out of memory', outOfMemory, /JavaScript heap out of memory/],
  ['by its own abort', 'process.abort();', /JavaScript stack trace/],
];

for (const [what, happens, told] of deaths) {
  test(`a run that dies ${what} shows nothing that it holds, and leaves no report`, async () => {
    const { signal, output } = await crashed(happens, ['--max-old-space-size=30']);

    assert.equal(signal, 'SIGABRT');
    assert.match(output, told);
    // Whether the kernel writes a core is up to the machine.
    assert.deepEqual(
      (await readdir(folder)).filter((file) => !file.startsWith('core')),
      [],
    );
  });
}
