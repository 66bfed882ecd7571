import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);

/** A process with a cluster of its own, in which passwords lie where none may be, and where they may. */
const script = `
  import { execFile } from 'node:child_process';
  import { writeFile } from 'node:fs/promises';
  import { join } from 'node:path';
  import { tool } from ${module('../../scripts/tools.ts')};
  import { startControlPlane } from ${module('../support/control-plane.ts')};
  import { uniquePassword } from ${module('../support/leaks/unique-password.ts')};

  const password = uniquePassword('planted', ',p@ss"w');
  const kubectl = await tool('kubectl');
  await using plane = await startControlPlane();
  async function run(args, object) {
    const { promise, resolve, reject } = Promise.withResolvers();
    const all = ['--kubeconfig', plane.kubeconfig, '-n', 'default', ...args];
    const child = execFile(kubectl, all, (error) => (error ? reject(new Error(args[0])) : resolve()));
    child.stdin.end(JSON.stringify(object));
    await promise;
  }
  const create = (object) => run(['create', '-f', '-'], { apiVersion: 'v1', ...object });
  const configMap = (name, data) => ({ kind: 'ConfigMap', metadata: { name }, data });
  const auths = (secret) => JSON.stringify({ auths: { a: { auth: btoa('robot:' + secret) } } });
  const secret = (name, value) => ({
    kind: 'Secret', type: 'kubernetes.io/dockerconfigjson',
    metadata: { name }, stringData: { '.dockerconfigjson': auths(value) },
  });

  await create(configMap('kept', { password }));
  await create(configMap('deleted', { auth: btoa('robot:' + password) }));
  await run(['delete', 'configmap', 'deleted']);
  await create(configMap('changed', { config: btoa(auths(password)) }));
  await run(['patch', 'configmap', 'changed', '-p', '{"data":{"config":"none"}}']);
  await create({ kind: 'ServiceAccount', metadata: { name: 'noted', annotations: { note: encodeURIComponent(password) } } });
  await create({
    kind: 'Event', metadata: { name: 'told' }, message: 'it is ' + password.slice(8, 20),
    involvedObject: { kind: 'Namespace', name: 'default', namespace: 'default' },
  });
  await create(secret('rightly', password));
  await create(secret('not-unique', 'of the test'));
  await writeFile(join(plane.directory, 'program.log'), password);

  if (process.env.DROPPED === 'yes') {
    const ask = async (what, body) => {
      const etcd = 'http://' + new URL(plane.server).hostname + ':2379';
      return (await fetch(etcd + '/v3/kv/' + what, { method: 'POST', body: JSON.stringify(body) })).json();
    };
    const { header } = await ask('range', { key: 'AA==', range_end: 'AA==', count_only: true });
    await ask('compaction', { revision: header.revision, physical: true });
  }
`;

/** How a process with such a cluster ends, and what it says then. */
async function verdict(env: NodeJS.ProcessEnv = {}): Promise<{ code: number; said: string[] }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { env: { ...process.env, ...env } });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  return { code, said: said.trim().split('\n').toSorted() };
}

test('a password that a cluster ever stored outside of Secrets fails the test file, as does one that could not be found', async () => {
  const { code, said } = await verdict();

  assert.deepEqual(said, [
    'A password in /registry/secrets/default/not-unique is not made by uniquePassword',
    'A secret is shown: planted, base64 of base64, in /registry/configmaps/default/changed',
    'A secret is shown: planted, base64, in /registry/configmaps/default/deleted',
    'A secret is shown: planted, plain, in /registry/configmaps/default/kept',
    'A secret is shown: planted, plain, in /registry/events/default/told',
    'A secret is shown: planted, plain, in /registry/serviceaccounts/default/noted',
    'A secret is shown: planted, plain, in program.log',
  ]);
  assert.equal(code, 1);
});

test('where etcd dropped what was replaced, all that is there still is searched', async () => {
  const { code, said } = await verdict({ DROPPED: 'yes' });

  assert.deepEqual(said, [
    'A password in /registry/secrets/default/not-unique is not made by uniquePassword',
    'A secret is shown: planted, plain, in /registry/configmaps/default/kept',
    'A secret is shown: planted, plain, in /registry/events/default/told',
    'A secret is shown: planted, plain, in /registry/serviceaccounts/default/noted',
    'A secret is shown: planted, plain, in program.log',
  ]);
  assert.equal(code, 1);
});
