import assert from 'node:assert/strict';
import { execFile, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { bundleFile } from '../../scripts/build.ts';
import { uniqueLogin, uniquePassword } from '../support/leaks/unique-password.ts';
import { makeFileSystem } from './file-system.ts';
import {
  loginIn,
  registryValues,
  releaseNamespace,
  sourceSecret,
  startTestCluster,
  type TestCluster,
} from './support.ts';

const run = promisify(execFile);
const team = 'team-a';
/** A page, which is the least that a file system in memory has. */
const room = 4096;

let cluster: TestCluster;
let rotations = 0;

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces(team);
  await cluster.install(registryValues());
});
after(() => cluster[Symbol.asyncDispose]());

interface Surroundings {
  stdio?: StdioOptions;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** The job where nothing of it can be heard but its standard error; its exit code, and that. */
async function job(args: string[], { stdio = 'pipe', cwd, env = {} }: Surroundings) {
  const child = spawn(process.execPath, [bundleFile, ...args], {
    stdio,
    ...(cwd === undefined ? {} : { cwd }),
    env: {
      PATH: process.env.PATH,
      KUBECONFIG: cluster.jobKubeconfig,
      PULLSECRET_SYNC_CONFIG_MAP: `${releaseNamespace}/pullsecret-sync`,
      ...env,
    },
  });
  child.stdout?.destroy();
  const [errors, [code]] = await Promise.all([child.stderr ? text(child.stderr) : '', once(child, 'exit')]);
  return { code, errors };
}

/** The password of the next rotation, which a run has yet to bring to the namespaces. */
async function rotate(): Promise<string> {
  rotations += 1;
  await cluster.install(registryValues(uniquePassword(`rotated-${rotations}`)));
  return uniqueLogin(`rotated-${rotations}`);
}

async function login(): Promise<string | undefined> {
  const copy = (await cluster.copies()).get(team);
  return copy && loginIn(copy);
}

test('a run whose log goes to a full disk does its work, and ends as the cluster is', async () => {
  const rotated = await rotate();
  await using full = await open('/dev/full', 'w');

  const { code, errors } = await job(['sync'], { stdio: ['ignore', full.fd, 'pipe'] });

  assert.equal(await login(), rotated);
  assert.equal(code, 0, errors);
  assert.equal(errors, 'the standard output cannot be written (ENOSPC)\n');
});

test('a run whose reader goes away does its work, and says nothing of it', async () => {
  const rotated = await rotate();

  const { code, errors } = await job(['sync'], { stdio: ['ignore', 'pipe', 'pipe'] });

  assert.equal(await login(), rotated);
  assert.equal(code, 0, errors);
  assert.equal(errors, '');
});

test('a plan that nobody can read is a failure', async () => {
  await using full = await open('/dev/full', 'w');

  const { code, errors } = await job(['plan'], { stdio: ['ignore', full.fd, 'pipe'] });

  assert.equal(code, 1);
  assert.equal(errors, 'the standard output cannot be written (ENOSPC)\n');
});

test('a run works where home, temporary files and the working directory can only be read', async () => {
  const rotated = await rotate();
  await using readOnly = await makeFileSystem('ro');
  await assert.rejects(writeFile(join(readOnly.path, 'file'), ''), { code: 'EROFS' });

  const env = { HOME: readOnly.path, TMPDIR: readOnly.path };
  const { code, errors } = await job(['sync'], { cwd: readOnly.path, env });

  assert.equal(await login(), rotated);
  assert.equal(code, 0, errors);
});

test('an import that finds no room leaves no half file, and the file that was there', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `pull-${index}`);
  await cluster.applyObjects(
    ...names.map((name) => sourceSecret(name, uniqueLogin('any'), 'registry.example.com', team)),
  );
  const { kubeconfig } = cluster.controlPlane;
  const args = ['import', '--kubeconfig', kubeconfig, ...names.flatMap((name) => ['--secret-name', name])];
  const { stdout } = await run(process.execPath, [bundleFile, ...args]);
  assert.ok(stdout.length > room, `the values are ${stdout.length} characters`);
  await using small = await makeFileSystem(`size=${room}`);
  const [values, old] = [join(small.path, 'values.yaml'), join(small.path, 'old.yaml')];
  const importTo = (file: string) => cluster.job([...args, '--output', file, '--overwrite']);

  const first = await importTo(values);
  const left = await readdir(small.path);
  await writeFile(old, 'old');
  const second = await importTo(old);

  for (const { code, output } of [first, second]) {
    assert.equal(code, 1, output);
    assert.match(output, /values.yaml|old.yaml/);
    assert.match(output, /cannot be written: there is no room left for it \(ENOSPC\)/);
  }
  assert.deepEqual(left, []);
  assert.deepEqual(await readdir(small.path), ['old.yaml']);
  assert.equal(await readFile(old, 'utf8'), 'old');
});
