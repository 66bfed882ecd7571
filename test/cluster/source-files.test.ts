import assert from 'node:assert/strict';
import { mkdir, readlink, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { makeCertificate } from '../../scripts/cluster/certificate.ts';
import { type Registry, startRegistry } from '../../scripts/cluster/registry.ts';
import { until } from '../../scripts/until.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { loginIn, releaseNamespace, type StartedJob, startTestCluster, type TestCluster } from './support.ts';

const address = `127.202.${(process.pid >> 8) & 0xff}.${process.pid & 0xff}`;
const port = 9181;
const started = new AsyncDisposableStack();
const teams = ['team-a', 'team-b', 'team-c'];
const passwords = {
  first: uniquePassword('the first one'),
  next: uniquePassword('the next one'),
  wrong: uniquePassword('a wrong one'),
  last: uniquePassword('the last one'),
};

let cluster: TestCluster;
let registry: Registry;
let follower: StartedJob;
/** What a CSI driver or a vault's agent mounts. */
let volume: string;
let file: string;
let env: NodeJS.ProcessEnv;

before(async () => {
  cluster = started.use(await startTestCluster());
  const { directory } = cluster.controlPlane;
  const tls = await makeCertificate([address]);
  env = { NODE_EXTRA_CA_CERTS: join(directory, 'registry.crt') };
  await writeFile(join(directory, 'registry.crt'), tls.certificate);
  const login = { username: 'robot', password: passwords.first, directory, listen: address, tls };
  registry = started.use(await startRegistry({ host: 'a registry', port: 5006, ...login }));
  volume = join(directory, 'vault');
  file = join(volume, 'config.json');
  await cluster.createNamespaces(...teams);
  await cluster.install({
    sourceFiles: [file],
    extraVolumes: [{ name: 'vault', emptyDir: {} }],
    extraVolumeMounts: [{ name: 'vault', mountPath: volume }],
    namespaces: { include: teams },
    verifyCredentials: 'enforce',
    follow: { enabled: true },
  });
});
after(() => started.disposeAsync());

beforeEach(async () => {
  await rm(volume, { recursive: true, force: true });
  await mkdir(volume);
  await registry.setPassword(passwords.first);
});

afterEach(async () => {
  follower.stop();
  const { code, output } = await follower.ended;
  assert.equal(code, 0, output);
  for (const text of [output, await status()]) {
    for (const password of Object.values(passwords)) assert.ok(!text.includes(password));
  }
});

/** A follower, once every copy has the login that is in the file. */
async function startFollower(): Promise<void> {
  follower = cluster.startJob(['sync', '--follow', '--metrics-port', String(port)], env);
  await untilPassword(passwords.first);
  await until('the follower is ready', () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
}

function configText(password: string): string {
  const auth = Buffer.from(`robot:${password}`).toString('base64');
  return JSON.stringify({ auths: { [registry.address]: { auth } } });
}

async function logins(): Promise<Array<string | undefined>> {
  const copies = await cluster.copies();
  return teams.map((team) => {
    const copy = copies.get(team);
    return copy && loginIn(copy, registry.address);
  });
}

async function untilPassword(password: string): Promise<void> {
  await until('every copy has the new password', async () =>
    (await logins()).every((login) => login === `robot:${password}`),
  );
}

async function assertPassword(password: string): Promise<void> {
  assert.deepEqual(
    (await logins()).map((login) => login === `robot:${password}`),
    teams.map(() => true),
  );
}

function status(): Promise<string> {
  return cluster.kubectl(['get', 'configmap', 'pullsecret-sync-status', '-n', releaseNamespace, '-o', 'yaml']);
}

async function untilStatus(what: string): Promise<void> {
  await until(`the status says that the file ${what}`, async () => (await status()).includes(what));
}

/**
 * As the kubelet writes volumes of Secrets and the Secrets Store CSI driver its own: a folder of its own for each state, and
 * a link to it that is put in place by a rename. Sources: kubernetes v1.37.2, pkg/volume/util/atomic_writer.go, of which
 * secrets-store-csi-driver has a copy in pkg/util/fileutil.
 */
async function writeVolume(text: string): Promise<void> {
  const data = join(volume, '..data');
  const before = await readlink(data).catch(() => undefined);
  const state = `..state-${before === undefined ? 0 : Number(before.split('-').at(-1)) + 1}`;
  await mkdir(join(volume, state));
  await writeFile(join(volume, state, basename(file)), text);
  await symlink(state, `${data}_tmp`);
  await rename(`${data}_tmp`, data);
  if (before === undefined) await symlink(join('..data', basename(file)), file);
  else await rm(join(volume, before), { recursive: true });
}

/** As Vault's agent writes a template. Source: consul-template v0.41.1, renderer/renderer.go, AtomicWrite. */
async function renameIntoPlace(text: string): Promise<void> {
  await writeFile(`${file}.tmp`, text);
  await rename(`${file}.tmp`, file);
}

describe('a file that a running follower reads goes to every copy, with one write each,', () => {
  for (const [how, write] of [
    ['where a volume is swapped, as by the kubelet and a CSI driver', writeVolume],
    ["where it is renamed into place, as by Vault's agent", renameIntoPlace],
    ['where it is written over', (text: string) => writeFile(file, text)],
  ] as const) {
    test(how, async () => {
      await write(configText(passwords.first));
      await startFollower();
      await registry.setPassword(passwords.next);

      const writes = await cluster.writesOfJob(async () => {
        await write(configText(passwords.next));
        await untilPassword(passwords.next);
      });

      assert.deepEqual(writes.map(({ verb, resource, namespace }) => `${verb} ${resource} ${namespace}`).sort(), [
        'patch secrets team-a',
        'patch secrets team-b',
        'patch secrets team-c',
      ]);
    });
  }
});

test('a file that is half-written, empty or gone for a moment changes nothing, and what comes then is used at once', async () => {
  await writeFile(file, configText(passwords.first));
  await startFollower();
  await registry.setPassword(passwords.next);

  const writes = await cluster.writesOfJob(async () => {
    await writeFile(file, configText(passwords.next).slice(0, -20));
    await untilStatus('is not a JSON object');
    await unlink(file);
    await untilStatus('does not exist');
    await writeFile(file, '');
    await untilStatus('is empty');
  });
  assert.deepEqual(writes, []);
  await assertPassword(passwords.first);

  await writeFile(file, configText(passwords.next));
  await untilPassword(passwords.next);
});

test('a file with a wrong password changes nothing, and its correction is used at once, though the registry refused it', async () => {
  await writeVolume(configText(passwords.first));
  await startFollower();
  await registry.setPassword(passwords.last);

  await writeVolume(configText(passwords.wrong));
  await untilStatus('refuses the login');
  await assertPassword(passwords.first);
  const scheduled = await cluster.job(['sync'], env);
  assert.equal(scheduled.code, 78);
  assert.match(scheduled.output, /refused the login in file .* at /);

  await writeVolume(configText(passwords.last));
  await untilPassword(passwords.last);
});
