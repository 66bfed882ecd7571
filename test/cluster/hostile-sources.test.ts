import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { V1Secret } from '@kubernetes/client-node';
import pMap from 'p-map';
import { exceptObjects } from '../support/leaks/search-cluster.ts';
import { searchForWhole } from '../support/leaks/unique-password.ts';
import { searchFor } from '../support/leaks/verdict.ts';
import { byLength } from '../support/test-length.ts';
import { hostileCases } from '../unit/hostile/cases/index.ts';
import { type HostileCase, password, username } from '../unit/hostile/hostile-case.ts';
import { readAsKubelet } from '../unit/hostile/kubelet.ts';
import { assertSaid } from '../unit/hostile/said.ts';
import { traceOf } from '../unit/hostile/traces.ts';
import { callerOf } from './api-requests.ts';
import { type JobRun, releaseNamespace, runJob, startTestCluster, type TestCluster } from './support.ts';

/** A target of its own for a source, under the name of both. */
interface Tried extends HostileCase {
  name: string;
  source: { secret: string } | { file: string };
}

/** What the API server finds wrong with a Secret that is none of its type, or too large. */
const unfit = /\[?(data: Too long|(data|metadata\.annotations)\[[^\]]+]: (Invalid|Required) value)/;
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

exceptObjects('what is wrong with their logins is what is tried', /^\/registry\/secrets\/[^/]+\/hostile-[\d-]+$/);

/** One of so many hostile sources is tried here; the unit tests try all. */
const oneOf = Number(process.env.HOSTILE_ONE_OF ?? byLength({ short: 4, long: 1 }));
const isFile = ({ sources }: HostileCase) => sources.some((source) => 'file' in source);
const alone = hostileCases.filter(({ sources }) => sources.length === 1);
const named = [alone.filter(isFile), alone.filter((one) => !isFile(one))].flatMap((kind, number) =>
  kind.filter((_, index) => index % oneOf === 0).map((one, index) => ({ ...one, name: `hostile-${number}-${index}` })),
);
// What nobody may read may be in Secrets alone. Nearly all have the usual login or a part of it, of which any piece counts.
searchFor('the usual login', [`${username}:${password}`]);
const whats = new Map(named.flatMap(({ what, secrets }) => secrets.map((one) => [one.toString('latin1'), what])));
for (const [secret, what] of whats) searchForWhole(what, Buffer.from(secret, 'latin1'));

/** So many come to the job where all are tried: the README has the sum. */
const known = { secrets: 469, files: 264 };
/** Of a part it is not exactly that part: the API server takes more of some Secrets than of others. */
const least = (count: number) => (oneOf === 1 ? count : Math.floor((0.9 * count) / oneOf));

test('every source that the API server or a disk takes arrives byte for byte or is refused, and no output shows it', async (context) => {
  const options = ['--config', config, '--kubeconfig', cluster.controlPlane.kubeconfig];

  const planned = await runJob(['plan', ...options], {});
  const done = await runJob(['sync', ...options], {});

  const copies = await cluster.list<V1Secret>('secrets', '-n', 'team-a');
  const contents = new Map(copies.map(({ metadata, data }) => [metadata?.name, data?.['.dockerconfigjson'] ?? '']));
  for (const one of tried) assertTreated(one, contents.get(one.name), done);
  const sought = tried.flatMap((one) => one.secrets);
  const status = await cluster.kubectl(['get', 'configmap', statusName, '-n', releaseNamespace, '-o', 'yaml']);
  for (const output of [planned.output, done.output, status]) {
    for (const { name } of tried) assert.ok(output.includes(name), name);
    assert.equal(traceOf(sought, output, knownOf(tried)), undefined);
  }
  const files = tried.filter(isFile).length;
  context.diagnostic(`hostile sources in a cluster: ${tried.length - files} Secrets and ${files} files`);
  assert.ok(files >= least(known.files));
  assert.ok(tried.length - files >= least(known.secrets));
});

function assertTreated({ what, name, source, expected }: Tried, content: string | undefined, { events }: JobRun): void {
  const origin = 'file' in source ? `file ${source.file}` : `Secret ${releaseNamespace}/${source.secret}`;
  const said = (level: string) =>
    events.filter((event) => event.level === level && event.target === name).map(({ message }) => String(message));
  if ('logins' in expected) {
    const logins = readAsKubelet(Buffer.from(content ?? '', 'base64'), 'kubernetes.io/dockerconfigjson') ?? [];
    const arrived = [...logins].map(([host, { username, password }]) => [
      host,
      `${username.toString('hex')}3a${password.toString('hex')}`,
    ]);
    const wanted = Object.entries(expected.logins).map(([host, login]) => [host, login.toString('hex')]);
    assert.deepEqual(Object.fromEntries(arrived), Object.fromEntries(wanted), what);
    assertSaid(said('warn'), expected.warnings, [origin]);
    return;
  }
  assert.equal(content, undefined, what);
  assertSaid(said('error'), expected.refused, [origin]);
}

/** Those of the Secrets that the API server takes: it wants an object of JSON in some, and other keys in others. */
async function createSecrets(): Promise<Tried[]> {
  await using admin = await callerOf(cluster.controlPlane.kubeconfig);
  const path = `/api/v1/namespaces/${releaseNamespace}/secrets`;
  const created = await pMap(
    named,
    async (one) => {
      const { name, sources } = one;
      const [source] = sources;
      if (source === undefined || 'file' in source) return [];
      const data = Object.fromEntries(
        Object.entries(source.data).map(([key, bytes]) => [key, bytes.toString('base64')]),
      );
      const { status, body } = await admin.ask({
        method: 'POST',
        path,
        body: { metadata: { name }, type: source.type, data },
      });
      if (status === 201) return { ...one, source: { secret: name } };
      assert.match(body.message, new RegExp(`^Secret "${name}" is invalid: ${unfit.source}`), one.what);
      return [];
    },
    { concurrency: 4 },
  );
  return created.flat();
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
