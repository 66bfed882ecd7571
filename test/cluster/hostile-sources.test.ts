import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { V1Secret } from '@kubernetes/client-node';
import { exceptObjects } from '../support/leaks/search-cluster.ts';
import { byLength } from '../support/test-length.ts';
import { hostileCases } from '../unit/hostile/cases/index.ts';
import type { HostileCase } from '../unit/hostile/hostile-case.ts';
import { readAsKubelet } from '../unit/hostile/kubelet.ts';
import { traceOf } from '../unit/hostile/traces.ts';
import { type JobRun, releaseNamespace, runJob, startTestCluster, type TestCluster } from './support.ts';

/** A target of its own for a source, under the name of both. */
interface Tried extends HostileCase {
  name: string;
  source: { secret: string } | { file: string };
}

const statusName = 'hostile-pullsecret-sync-status';

let cluster: TestCluster;
let tried: Tried[];
let config: string;

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces(releaseNamespace, 'team-a');
  tried = [...(await createSecrets()), ...(await writeFiles())];
  config = join(cluster.controlPlane.directory, 'hostile.yaml');
  const targets = tried.map(({ name, source }) => ({
    name,
    secretName: name,
    sources: [source],
    namespaces: { include: ['team-a'] },
    serviceAccounts: { include: ['none'] },
  }));
  await writeFile(
    config,
    JSON.stringify({ release: `${releaseNamespace}/hostile`, targets, verifyCredentials: 'off', sourceTimeout: '0s' }),
  );
});
after(() => cluster[Symbol.asyncDispose]());

exceptObjects('what is wrong with their logins is what is tried', /^\/registry\/secrets\/[^/]+\/hostile-\d+$/);

/** One of so many hostile sources is tried here; the unit tests try all. */
const oneOf = Number(process.env.HOSTILE_ONE_OF ?? byLength({ short: 4, long: 1 }));
const named = hostileCases
  .filter(({ sources }, index) => sources.length === 1 && index % oneOf === 0)
  .map((hostile, index) => ({ ...hostile, name: `hostile-${index}` }));

test('every source that the API server or a disk takes arrives byte for byte or is refused, and no output shows it', async (context) => {
  const options = ['--config', config, '--kubeconfig', cluster.controlPlane.kubeconfig];

  const planned = await runJob(['plan', ...options], {});
  const done = await runJob(['sync', ...options], {});

  const copies = await cluster.list<V1Secret>('secrets', '-n', 'team-a');
  const contents = new Map(copies.map(({ metadata, data }) => [metadata?.name, data?.['.dockerconfigjson'] ?? '']));
  for (const one of tried) assertTreated(one, contents.get(one.name), done);
  const secrets = tried.flatMap((one) => one.secrets);
  const status = await cluster.kubectl(['get', 'configmap', statusName, '-n', releaseNamespace, '-o', 'yaml']);
  for (const output of [planned.output, done.output, status]) {
    for (const { name } of tried) assert.ok(output.includes(name), name);
    assert.equal(traceOf(secrets, output, knownOf(tried)), undefined);
  }
  const files = tried.filter(({ source }) => 'file' in source).length;
  context.diagnostic(`hostile sources in a cluster: ${tried.length - files} Secrets and ${files} files`);
  assert.ok(files > 50 && tried.length - files > 100);
});

function assertTreated({ what, name, source, expected }: Tried, content: string | undefined, { events }: JobRun): void {
  if ('logins' in expected) {
    const logins = readAsKubelet(Buffer.from(content ?? '', 'base64'), 'kubernetes.io/dockerconfigjson') ?? [];
    const arrived = [...logins].map(([host, { username, password }]) => [
      host,
      `${username.toString('hex')}3a${password.toString('hex')}`,
    ]);
    const wanted = Object.entries(expected.logins).map(([host, login]) => [host, login.toString('hex')]);
    assert.deepEqual(Object.fromEntries(arrived), Object.fromEntries(wanted), what);
    return;
  }
  assert.equal(content, undefined, what);
  const told = events.filter(({ level, target }) => level === 'error' && target === name);
  assert.equal(told.length, expected.refused.length, what);
  const origin = 'file' in source ? `file ${source.file}` : `Secret ${releaseNamespace}/${source.secret}`;
  for (const { message } of told) assert.ok(String(message).includes(origin), what);
}

/** Those of the Secrets that the API server takes: it wants an object of JSON in some, and other keys in others. */
async function createSecrets(): Promise<Tried[]> {
  const objects = named.flatMap(({ name, sources: [source] }) => {
    if (source === undefined || 'file' in source) return [];
    const data = Object.fromEntries(Object.entries(source.data).map(([key, bytes]) => [key, bytes.toString('base64')]));
    const metadata = { name, namespace: releaseNamespace };
    return { apiVersion: 'v1', kind: 'Secret', metadata, type: source.type, data };
  });
  // Each kubectl may ask for some hundred things at once, and then waits.
  const parts = [0, 1, 2].map((part) => objects.filter((_, index) => index % 3 === part));
  await Promise.all(
    parts.map((items) =>
      cluster.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items })).catch(() => ''),
    ),
  );
  const there = await cluster.list<V1Secret>('secrets', '-n', releaseNamespace);
  const names = new Set(there.map(({ metadata }) => metadata?.name));
  return named.filter(({ name }) => names.has(name)).map((one) => ({ ...one, source: { secret: one.name } }));
}

async function writeFiles(): Promise<Tried[]> {
  const folder = join(cluster.controlPlane.directory, 'hostile');
  await mkdir(folder);
  const written = named.map(async (one) => {
    const [source] = one.sources;
    if (source === undefined || !('file' in source)) return [];
    const file = join(folder, one.name);
    await writeFile(file, source.file);
    return { ...one, source: { file } };
  });
  return (await Promise.all(written)).flat();
}

/** What may be said of sources: the registries in them, and a Secret's type. */
function knownOf(cases: readonly HostileCase[]): string {
  const known = cases.flatMap(({ sources, expected }) => [
    ...('logins' in expected ? Object.keys(expected.logins) : []),
    ...sources.map((source) => ('type' in source ? JSON.stringify(source.type) : '')),
  ]);
  return known.join(' ');
}
