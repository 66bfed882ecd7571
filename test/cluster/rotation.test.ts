import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { type Certificate, makeCertificate } from '../../scripts/cluster/certificate.ts';
import { type Registry, startRegistry } from '../../scripts/cluster/registry.ts';
import { uniqueLogin, uniquePassword } from '../support/leaks/unique-password.ts';
import { startFakeServer, startSilentServer } from './fake-registry.ts';
import { type JobRun, loginIn, releaseNamespace, sourceSecret, startTestCluster, type TestCluster } from './support.ts';

const address = `127.201.${(process.pid >> 8) & 0xff}.${process.pid & 0xff}`;
const started = new AsyncDisposableStack();
const team = 'team-a';

let cluster: TestCluster;
let registry: Registry;
let caFile: string;
let tls: Certificate;

before(async () => {
  cluster = started.use(await startTestCluster());
  const { directory } = cluster.controlPlane;
  tls = await makeCertificate([address]);
  caFile = join(directory, 'registry.crt');
  await writeFile(caFile, tls.certificate);
  const login = { username: 'robot', password: uniquePassword('the first one'), directory, listen: address, tls };
  registry = started.use(await startRegistry({ host: 'a registry', port: 5005, ...login }));
  await cluster.createNamespaces(team);
  await cluster.install({ existingSecrets: ['source'], verifyCredentials: 'enforce' });
});
after(() => started.disposeAsync());

async function putPassword(password: string): Promise<void> {
  await cluster.applyObjects(sourceSecret('source', `robot:${password}`, registry.address));
}

/** The job trusts the API server by its kubeconfig and the registry by its environment. */
function sync(): Promise<JobRun> {
  return cluster.job(['sync'], { NODE_EXTRA_CA_CERTS: caFile });
}

async function loginOf(namespace: string): Promise<string | undefined> {
  const copy = (await cluster.copies()).get(namespace);
  return copy && loginIn(copy, registry.address);
}

test('a first install with a wrong password writes nothing, and says what the registry answers', async () => {
  await putPassword(uniquePassword('not the first one'));

  const { code, output } = await sync();

  assert.equal(code, 78);
  assert.match(
    output,
    /refuses the login in Secret registry-access\/source: 401 UNAUTHORIZED: authentication required/,
  );
  assert.doesNotMatch(output, /not the first one/);
  assert.equal(await loginOf(team), undefined);
});

test('the right one goes to every namespace', async () => {
  await putPassword(uniquePassword('the first one'));

  const { code, output } = await sync();

  assert.equal(code, 0, output);
  assert.equal(await loginOf(team), uniqueLogin('the first one'));
});

test('a rotation to a wrong one leaves the copies as they are, and is asked about once', async () => {
  await putPassword(uniquePassword('a wrong one'));
  const first = await sync();

  const second = await sync();

  assert.deepEqual([first.code, second.code], [78, 78]);
  assert.match(first.output, /refuses the login/);
  assert.match(second.output, /refused the login in Secret source at .*: 401 UNAUTHORIZED/);
  assert.equal(await loginOf(team), uniqueLogin('the first one'));
  const { data = {} } = await cluster.get<V1ConfigMap>('configmap', 'pullsecret-sync-status', '-n', releaseNamespace);
  const [refused] = parse(data['status.yaml'] ?? '').refusedLogins;
  assert.equal(refused.tries, 1);
  assert.equal(refused.host, registry.address);
});

test('a rotation that the registry knows goes through at once', async () => {
  await registry.setPassword(uniquePassword('the next one'));
  await putPassword(uniquePassword('the next one'));

  const { code, output } = await sync();

  assert.equal(code, 0, output);
  assert.equal(await loginOf(team), uniqueLogin('the next one'));
});

test('new namespaces ask nobody: they get what the others have, though the registry refuses it by now', async () => {
  await registry.setPassword(uniquePassword('yet another one'));
  await cluster.createNamespaces('team-b');

  const { code, output } = await sync();

  assert.equal(code, 0, output);
  assert.equal(await loginOf('team-b'), uniqueLogin('the next one'));
});

test('a registry that is gone stops no rotation', async () => {
  await registry.stop();
  await putPassword(uniquePassword('the newest one'));

  const { code, output } = await sync();

  assert.equal(code, 0, output);
  assert.match(output, /could not be tried at the registry .*: it refuses the connection/);
  assert.equal(await loginOf(team), uniqueLogin('the newest one'));
});

test('registries that hang hold a rotation up for a moment only, and are out of reach for "verify"', {
  timeout: 60_000,
}, async () => {
  const drip: RequestListener = ({ headers }, response) => {
    if (!headers.authorization) return void response.writeHead(401, { 'www-authenticate': 'basic realm=x' }).end();
    const timer = setInterval(() => response.write(' '), 100);
    response.on('close', () => clearInterval(timer));
  };
  await using hanging = new AsyncDisposableStack();
  const servers = [
    hanging.use(await startSilentServer(address)),
    hanging.use(await startFakeServer(address, () => {}, tls)),
    hanging.use(await startFakeServer(address, drip, tls)),
  ];
  const hosts = servers.map(({ host }) => host);
  const auth = Buffer.from(uniqueLogin('behind a wall')).toString('base64');
  const auths = Object.fromEntries(hosts.map((host) => [host, { auth }]));
  const config = Buffer.from(JSON.stringify({ auths })).toString('base64');
  await cluster.applyObjects({ ...sourceSecret('source', ''), data: { '.dockerconfigjson': config } });

  const [synced, verified] = await Promise.all([sync(), cluster.job(['verify'], { NODE_EXTRA_CA_CERTS: caFile })]);

  assert.equal(synced.code, 0, synced.output);
  assert.equal(verified.code, 1, verified.output);
  const copy = (await cluster.copies()).get(team);
  for (const host of hosts) {
    assert.equal(copy && loginIn(copy, host), uniqueLogin('behind a wall'));
    for (const { events } of [synced, verified]) {
      const said = events.map((event) => JSON.stringify(event)).filter((line) => line.includes(host));
      assert.match(said.join(), /it does not answer (within 10 s|in time)/);
    }
  }
});
