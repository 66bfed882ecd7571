import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runJob } from './support.ts';

let directory: string;
let config: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pullsecret-sync-'));
  config = join(directory, 'config.yaml');
  await writeFile(
    config,
    'release: a/b\ntargets: [{name: default, secretName: x, sources: [{secret: y}]}]\nsourceTimeout: 0s\n',
  );
});
after(() => rm(directory, { recursive: true }));

const kubeconfig = (server: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'test', user: { token: 's3cr3t-token' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  });

async function expectProblem(args: string[], env: NodeJS.ProcessEnv, code: number, message: RegExp): Promise<void> {
  const result = await runJob(args, { HOME: directory, ...env });

  assert.equal(result.code, code, result.output);
  assert.match(result.output, message);
  assert.doesNotMatch(result.output, /s3cr3t|\n {4}at /);
}

test('no configuration is a wrong command line', () => expectProblem(['sync'], {}, 64, /there is no configuration/));

test('an unknown command suggests the nearest', () => expectProblem(['snyc'], {}, 64, /Did you mean sync\?/));

test('an unknown option is a wrong command line', () =>
  expectProblem(['sync', '--fast'], {}, 64, /unknown option '--fast'/));

test('an environment variable that makes no sense is named', () =>
  expectProblem(['sync'], { PULLSECRET_SYNC_LOG_FORMAT: 's3cr3t' }, 64, /PULLSECRET_SYNC_LOG_FORMAT/));

test('no kubeconfig is said', () =>
  expectProblem(['sync', '--config', config], {}, 1, /there is no kubeconfig, and this is no pod of a cluster/));

test('a kubeconfig that is not there is named', () =>
  expectProblem(
    ['sync', '--config', config, '--kubeconfig', join(directory, 'none')],
    {},
    1,
    /there is no kubeconfig .*none.*name another one with --kubeconfig/,
  ));

test('a kubeconfig that is broken is named and not quoted', async () => {
  const file = join(directory, 'broken');
  await writeFile(file, 'users: [{token: s3cr3t-token\n');
  await expectProblem(
    ['sync', '--config', config, '--kubeconfig', file],
    {},
    1,
    /the kubeconfig .*broken cannot be read/,
  );
});

test('an unknown context is answered with the nearest, or with the known ones', async () => {
  const file = join(directory, 'kubeconfig');
  await writeFile(file, kubeconfig('https://127.0.0.1:1'));
  const withContext = (name: string) => ['sync', '--config', config, '--kubeconfig', file, '--context', name];

  await expectProblem(withContext('production'), {}, 1, /no context \\?"production\\?".*choose one of: test/);
  await expectProblem(withContext('tset'), {}, 1, /no context \\?"tset\\?".*did you mean \\?"test\\?"/);
});

test('a kubeconfig without a current context is answered with those that it has', async () => {
  const file = join(directory, 'no-current');
  await writeFile(file, JSON.stringify({ ...JSON.parse(kubeconfig('https://127.0.0.1:1')), 'current-context': '' }));
  await expectProblem(['sync', '--config', config, '--kubeconfig', file], {}, 1, /choose one with --context: test/);
});

test('a program that a kubeconfig logs in by and that is not here is named', async () => {
  const file = join(directory, 'by-program');
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'login-program', interactiveMode: 'Never' };
  const users = [{ name: 'test', user: { exec } }];
  await writeFile(file, JSON.stringify({ ...JSON.parse(kubeconfig('https://127.0.0.1:1')), users }));
  await expectProblem(
    ['sync', '--config', config, '--kubeconfig', file],
    {},
    1,
    /no usable login by its program \\?"login-program\\?".*check that \\?"login-program\\?" is installed/,
  );
});

test('a configuration that is not there is answered with where that of a release is', () =>
  expectProblem(
    ['sync', '--config', join(directory, 'none.yaml'), '--kubeconfig', join(directory, 'kubeconfig')],
    {},
    78,
    /there is no file .*none\.yaml.*--config-map <namespace>\/<name>/,
  ));

test('an API server that does not answer is said', async () => {
  const file = join(directory, 'unreachable');
  await writeFile(file, kubeconfig('https://127.0.0.1:1'));
  await expectProblem(
    ['sync', '--config', config, '--kubeconfig', file],
    {},
    1,
    /ECONNREFUSED.*check that the API server runs/,
  );
});

test('a configuration with an unknown key is refused with 78', async () => {
  const file = join(directory, 'unknown-key.yaml');
  await writeFile(file, 'release: a/b\ntarget: []\n');
  const cluster = join(directory, 'unknown-key.kubeconfig');
  await writeFile(cluster, kubeconfig('https://127.0.0.1:1'));
  await expectProblem(['sync', '--config', file, '--kubeconfig', cluster], {}, 78, /did you mean \\?"targets\\?"/);
});
