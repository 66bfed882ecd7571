import assert from 'node:assert/strict';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from '../../job/src/cluster/connection.ts';
import { ProblemError } from '../../job/src/problem.ts';
import { assertNoTrace } from '../support/no-trace.ts';

/** Resolves where the kubeconfig can be used, or rejects with what is wrong with the kubeconfig. */
async function connectTo(server: string, tls: object = {}): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kubeconfig-'));
  const kubeconfig = join(folder.path, 'config');
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, ...tls } }],
    users: [{ name: 'test', user: { token: 's3cr3t' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  await writeFile(kubeconfig, JSON.stringify(document));
  const connection = await connect({ kubeconfig, userAgent: 'test' });
  await connection.close();
}

for (const server of ['127.0.0.1:6443', 'localhost:6443', 'http://127.0.0.1:8001', 'https://', 'ftp://x', 's3cr3t@x']) {
  test(`the server ${server} is no https address, and is not quoted`, async () => {
    await assert.rejects(connectTo(server), (error) => {
      assert.ok(error instanceof ProblemError);
      assert.match(error.problem.message, /the server of the cluster "test" in the kubeconfig is no https address/);
      assertNoTrace(error.message);
      return true;
    });
  });
}

for (const [server, tls] of [
  ['https://127.0.0.1:6443', {}],
  ['https://example.com/k8s/clusters/c-1', {}],
  ['http://127.0.0.1:8001', { 'insecure-skip-tls-verify': true }],
] as const) {
  test(`the server ${server} is taken`, async () => {
    await assert.doesNotReject(connectTo(server, tls));
  });
}
