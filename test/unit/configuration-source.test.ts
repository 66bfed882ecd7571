import assert from 'node:assert/strict';
import { mkdtempDisposable, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Cluster } from '../../job/src/cluster/cluster.ts';
import { configurationReader } from '../../job/src/config/configuration-source.ts';
import { ProblemError } from '../../job/src/problem.ts';

const text = 'release: a/b\ntargets: [{name: default, secretName: x, sources: [{secret: y}]}]\n';

/** A cluster with the ConfigMap a/b and nothing else. */
function clusterWith(data: Record<string, string>): Cluster {
  const readConfigMap = async (namespace: string, name: string) =>
    namespace === 'a' && name === 'b' ? { uid: '', resourceVersion: '', annotations: {}, data } : undefined;
  return { readConfigMap } as Partial<Cluster> as Cluster;
}

function problemLike(message: RegExp, fix: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof ProblemError);
    assert.equal(error.exitCode, 78);
    assert.match(error.problem.message, message);
    assert.match(error.problem.fix, fix);
    return true;
  };
}

test('a configuration is read from a file as it is now', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'configuration-'));
  const file = join(folder.path, 'config.yaml');
  const read = configurationReader({ file }, clusterWith({}));

  await writeFile(file, text);
  assert.equal((await read()).concurrency, 16);
  await writeFile(file, `${text}concurrency: 3\n`);
  assert.equal((await read()).concurrency, 3);
});

test('a file of the configuration that is not there, a folder, or not to be read is told apart', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'configuration-'));
  const loop = join(folder.path, 'loop');
  await symlink(loop, loop);
  const read = (file: string) => configurationReader({ file }, clusterWith({}))();

  await assert.rejects(read(join(folder.path, 'none')), problemLike(/there is no file \S+none$/, /--config/));
  await assert.rejects(read(folder.path), problemLike(/ is a folder$/, /name the file in it/));
  await assert.rejects(read(loop), problemLike(/loop answers ELOOP$/, /who may read it/));
});

test('a configuration is read from a ConfigMap', async () => {
  const read = configurationReader({ configMap: 'a/b' }, clusterWith({ 'config.yaml': text }));

  assert.deepEqual((await read()).release, { namespace: 'a', name: 'b' });
});

test('a ConfigMap that is missing, or has no configuration in it, is named', async () => {
  const missing = problemLike(/there is no ConfigMap a\/\w with the key config\.yaml$/, /install the chart/);

  await assert.rejects(configurationReader({ configMap: 'a/c' }, clusterWith({}))(), missing);
  await assert.rejects(configurationReader({ configMap: 'a/b' }, clusterWith({}))(), missing);
});
