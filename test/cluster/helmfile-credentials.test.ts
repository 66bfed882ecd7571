import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { V1Secret } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { tool } from '../../scripts/tools.ts';
import { type Helmfile, helmfileFor } from '../support/helmfile.ts';
import { assertNoTrace } from '../support/no-trace.ts';
import { documented, sectionBlocks } from '../support/page.ts';
import { passwords } from '../support/passwords.ts';
import { ageKey, encrypt } from '../support/sops.ts';
import { loginIn, password, releaseNamespace, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;
let helmfile: Helmfile;
/** Where files of variables, SOPS files and files of values lie. */
let folder: string;
const age = { right: await ageKey(), wrong: await ageKey() };
const login = { REGISTRY_SERVER: 'registry.example.com', REGISTRY_USERNAME: 'robot', REGISTRY_PASSWORD: password };
const dockerConfig = JSON.stringify({ auths: { 'registry.example.com': { username: 'robot', password } } });
const offSchedule = ['--set', 'suspend=true,runOnInstall.enabled=false,verifyCredentials=off,cleanupOnUninstall=false'];
const chart = join(import.meta.dirname, '..', '..', 'chart');
const packaged = ['--file', join(chart, 'helmfile', 'helmfile.yaml.gotmpl')];

before(async () => {
  cluster = await startTestCluster();
  folder = join(cluster.controlPlane.directory, 'credentials');
  await mkdir(folder);
  helmfile = await helmfileFor(cluster.controlPlane.kubeconfig, folder);
});
after(() => cluster[Symbol.asyncDispose]());

/** A file that only this test has, as GitLab makes one of a variable of type File. */
async function fileOf(variable: string, content: string): Promise<string> {
  const file = join(folder, variable);
  await writeFile(file, content);
  return file;
}

async function sopsFile(content: object): Promise<string> {
  const file = join(folder, 'credentials.sops.yaml');
  await encrypt(content, age.right.recipient, file);
  return file;
}

/** The Secrets that would be made, by name. */
async function sources(args: string[], env: NodeJS.ProcessEnv, where?: string): Promise<Map<string, V1Secret>> {
  const text = await helmfile.run([...args, 'template', '--quiet', ...offSchedule], env, where);
  const objects = parseAllDocuments(text).map((one) => one.toJS());
  return new Map(objects.filter((one) => one?.kind === 'Secret').map((one) => [one.metadata.name, one]));
}

function environment(name: string): string[] {
  return ['--environment', name, '--kube-context', 'local'];
}

/** The person sees why, nothing of a secret, and the cluster is as it was. */
async function assertRefused(args: string[], env: NodeJS.ProcessEnv, reason: RegExp): Promise<void> {
  const running = helmfile.run([...args, 'sync', '--suppress-secrets', ...offSchedule], env);

  await assert.rejects(running, ({ stdout, stderr }: { stdout: string; stderr: string }) => {
    assertNoTrace(stdout + stderr);
    assertNoTrace(stdout + stderr, 'AGE-SECRET-KEY');
    assert.match(stdout + stderr, reason);
    return true;
  });
  assert.equal(await cluster.kubectl(['get', 'namespaces', releaseNamespace, '--ignore-not-found']), '');
}

test('a variable of type File is what its file holds, but for a newline at its end', async () => {
  const env = { ...login, REGISTRY_PASSWORD: await fileOf('REGISTRY_PASSWORD', `${passwords.join('')}\n\n`) };

  const source = (await sources([], env)).get('pullsecret-sync-source') as V1Secret;

  assert.equal(loginIn(source), `robot:${passwords.join('')}\n`);
});

test('a docker config may be a variable of type File', async () => {
  const env = { DOCKER_AUTH_CONFIG: await fileOf('DOCKER_AUTH_CONFIG', `${dockerConfig}\n`) };

  const source = (await sources([], env)).get('pullsecret-sync-docker-config') as V1Secret;

  assert.equal(Buffer.from(source.data?.['.dockerconfigjson'] ?? '', 'base64').toString(), dockerConfig);
});

test('a password that is the path of something else stays a password', async () => {
  const source = (await sources([], { ...login, REGISTRY_PASSWORD: '/etc/hostname' })).get('pullsecret-sync-source');

  assert.equal(loginIn(source as V1Secret), 'robot:/etc/hostname');
});

for (const variable of Object.keys(login)) {
  test(`an empty ${variable} is named`, async () => {
    await assertRefused([], { ...login, [variable]: '' }, new RegExp(`${variable} is not set or empty: set it, or`));
  });

  test(`an empty file in ${variable} is named`, async () => {
    const env = { ...login, [variable]: await fileOf(variable, '\n') };

    await assertRefused([], env, new RegExp(`${variable} is not set or empty: set it, or`));
  });

  test(`${variable} that points to no file is named with its path`, async () => {
    const env = { ...login, [variable]: `/nowhere/${variable}` };

    await assertRefused([], env, new RegExp(`${variable} is the path of a file that is not there: /nowhere/`));
  });
}

test('a DOCKER_AUTH_CONFIG that points to no file is named with its path', async () => {
  const env = { DOCKER_AUTH_CONFIG: '/nowhere/DOCKER_AUTH_CONFIG' };

  await assertRefused([], env, /DOCKER_AUTH_CONFIG is the path of a file that is not there: \/nowhere\//);
});

test('staging takes its credentials from variables, and names what is missing', async () => {
  await assertRefused(environment('staging'), {}, /REGISTRY_SERVER is not set or empty: set it, or a whole docker/);
});

test('production-us has credentials of the team Payments in a variable of its own, and names it', async () => {
  const env = { ...login, PAYMENTS_DOCKER_AUTH_CONFIG: await fileOf('PAYMENTS_DOCKER_AUTH_CONFIG', dockerConfig) };

  const made = await sources(environment('production-us'), env);

  assert.ok(made.has('pullsecret-sync-payments-docker-config'));
  await assertRefused(environment('production-us'), login, /PAYMENTS_DOCKER_AUTH_CONFIG is not set or empty: give it/);
});

test('a variable may be a reference', async () => {
  const file = await fileOf('anywhere', password);

  const env = { ...login, REGISTRY_PASSWORD: `ref+file://${file}` };

  assert.equal(loginIn((await sources([], env)).get('pullsecret-sync-source') as V1Secret), `robot:${password}`);
});

test('a password with a reference in the middle is refused, and may come from a file', async () => {
  const secret = 'p4ss ref+s3cr3t://word';

  await assertRefused(
    [],
    { ...login, REGISTRY_PASSWORD: secret },
    /REGISTRY_PASSWORD has a reference .* in the middle/,
  );

  const env = { ...login, REGISTRY_PASSWORD: `ref+file://${await fileOf('anywhere', secret)}` };
  assert.equal(loginIn((await sources([], env)).get('pullsecret-sync-source') as V1Secret), `robot:${secret}`);
});

test('production-eu reads a file of SOPS with the age key of the environment, and no variable', async () => {
  const file = await sopsFile({ registry: { username: 'robot', password } });
  const env = { PRODUCTION_EU_CREDENTIALS: file, SOPS_AGE_KEY: age.right.key, DOCKER_AUTH_CONFIG: '{"auths":{}}' };

  const made = await sources(environment('production-eu'), env);

  assert.deepEqual([...made.keys()], ['pullsecret-sync-source']);
  assert.equal(loginIn(made.get('pullsecret-sync-source') as V1Secret), `robot:${password}`);
});

test('the age key may be in a file that the environment names', async () => {
  const file = await sopsFile({ registry: { username: 'robot', password } });
  const env = { PRODUCTION_EU_CREDENTIALS: file, SOPS_AGE_KEY_FILE: await fileOf('SOPS_AGE_KEY', age.right.key) };

  const source = (await sources(environment('production-eu'), env)).get('pullsecret-sync-source') as V1Secret;

  assert.equal(loginIn(source), `robot:${password}`);
});

test('the commands of the page on vaults encrypt its values with SOPS, and install with them', async () => {
  const [values = ''] = sectionBlocks('chart/pages/vaults.md', 'SOPS and age', 'yaml');
  await fileOf('values.yaml.gotmpl', values);
  await fileOf('credentials.sops.yaml', JSON.stringify({ registry: { username: 'robot', password } }));
  await symlink(chart, join(folder, 'pullsecret-sync'));
  const PATH = [
    dirname(await tool('sops')),
    dirname(await tool('helm')),
    dirname(await tool('helmfile')),
    process.env.PATH,
  ];
  const namespace = 'sops';
  const env = {
    ...{ AGE_RECIPIENT: age.right.recipient, SOPS_AGE_KEY: age.right.key, CI_PROJECT_DIR: folder },
    ...{ PULLSECRET_SYNC_NAMESPACE: namespace, PATH: PATH.join(':') },
  };
  const commands = documented('chart/pages/vaults.md', 'SOPS and age').trimEnd();

  assertNoTrace(await helmfile.shell(`${commands} ${offSchedule.join(' ')}`, env, folder));

  assertNoTrace(await readFile(join(folder, 'credentials.sops.yaml'), 'utf8'));
  const source = await cluster.get<V1Secret>('secret', 'pullsecret-sync-source', '-n', namespace);
  assert.equal(loginIn(source), `robot:${password}`);
});

test('a file of SOPS that is not there is named', async () => {
  const env = { SOPS_AGE_KEY: age.right.key };

  await assertRefused(
    environment('production-eu'),
    env,
    /failed to read "chart\/helmfile\/clusters\/production-eu\.sops/,
  );
});

test('what a file of SOPS has no value for is named by the chart', async () => {
  const file = await sopsFile({ registry: { username: 'robot' } });
  const env = { PRODUCTION_EU_CREDENTIALS: file, SOPS_AGE_KEY: age.right.key };

  await assertRefused(environment('production-eu'), env, /registries\.main\.password is missing: set it/);
});

for (const [what, key] of [
  ['the wrong age key', { SOPS_AGE_KEY: age.wrong.key }],
  ['no age key', {}],
] as const) {
  test(`with ${what} the file is named that could not be read`, async () => {
    const file = await sopsFile({ registry: { username: 'robot', password } });

    await assertRefused(
      environment('production-eu'),
      { PRODUCTION_EU_CREDENTIALS: file, ...key },
      // Helmfile resolves the references of a values file in no fixed order and names the first that fails.
      /credentials\.sops\.yaml#\/registry\/(username|password): Error getting data key/,
    );
  });
}

test('every password arrives byte for byte from a file of SOPS', async () => {
  const names = passwords.map((_, index) => `r${index}`);
  const file = await sopsFile(Object.fromEntries(passwords.map((one, index) => [names[index], one])));
  const registries = Object.fromEntries(
    names.map((name) => [
      name,
      { server: `${name}.example.com`, username: 'robot', password: `ref+sops://${file}#/${name}` },
    ]),
  );
  await fileOf('values.yaml', JSON.stringify({ registries }));
  const env = { PULLSECRET_SYNC_VALUES: 'values.yaml', SOPS_AGE_KEY: age.right.key };

  const source = (await sources(packaged, env, folder)).get('pullsecret-sync-source') as V1Secret;

  for (const [index, name] of names.entries())
    assert.equal(loginIn(source, `${name}.example.com`), `robot:${passwords[index]}`, `password ${index}`);
});

test('a whole docker config may be the file that a reference names', async () => {
  const file = await fileOf('config.json', dockerConfig);
  const values = await fileOf('values.yaml', JSON.stringify({ dockerConfigJson: `ref+file://${file}` }));

  const source = (await sources(packaged, { PULLSECRET_SYNC_VALUES: values })).get('pullsecret-sync-docker-config');

  assert.equal(Buffer.from(source?.data?.['.dockerconfigjson'] ?? '', 'base64').toString(), dockerConfig);
});

test('a reference to a file that is not there is named', async () => {
  const values = await fileOf('values.yaml', JSON.stringify({ dockerConfigJson: 'ref+file:///nowhere/config.json' }));

  await assertRefused(packaged, { PULLSECRET_SYNC_VALUES: values }, /file:\/\/\/nowhere\/config\.json: .*no such file/);
});

test('a Vault that does not answer is named with what was asked of it', async () => {
  const main = { server: 'registry.example.com', username: 'robot', password: 'ref+vault://secret/registry#/password' };
  const values = await fileOf('values.yaml', JSON.stringify({ registries: { main } }));
  const env = { PULLSECRET_SYNC_VALUES: values, VAULT_ADDR: 'http://127.0.0.1:1', VAULT_TOKEN: 's3cr3t' };

  await assertRefused(packaged, env, /vault:\/\/secret\/registry#\/password: .*127\.0\.0\.1:1/s);
});
