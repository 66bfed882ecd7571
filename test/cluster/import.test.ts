import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { V1ObjectMeta, V1Secret, V1ServiceAccount } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { searchFiles } from '../support/leaks/search-cluster.ts';
import { uniqueLogin, uniquePassword } from '../support/leaks/unique-password.ts';
import { assertNoTrace } from '../support/no-trace.ts';
import {
  loginIn,
  namespaceObject,
  password,
  releaseNamespace,
  runJob,
  sourceSecret,
  startTestCluster,
  type TestCluster,
} from './support.ts';

const name = 'regcred';
const host = 'registry.example.com';
const hub = 'https://index.docker.io/v1/';
const hostile = 'r.example.com/{{"x"}}\'q';
const login = `robot:${password}`;

/** Namespaces with the login that most have. Some Secrets cannot be taken over in place. */
const inPlace = ['default', 'team-a', 'team-b', 'patched', 'kube-system'];
const anew = ['legacy', 'frozen'];
const others = ['team-c', 'shop', 'out'];

let cluster: TestCluster;
let file: string;

before(async () => {
  cluster = await startTestCluster();
  file = join(cluster.controlPlane.directory, 'imported.yaml');
  await cluster.createNamespaces('team-a', 'team-b', 'team-c', 'patched', 'legacy', 'frozen', 'shop', 'out');
  await cluster.applyObjects(
    namespaceObject('out', { annotations: { 'pullsecret-sync.io/exclude': 'true' } }),
    pullSecret('default'),
    pullSecret('team-a'),
    pullSecret('team-b'),
    pullSecret('team-c', { login: uniqueLogin('s3cr3t-of-team-c') }),
    pullSecret('kube-system'),
    pullSecret('out'),
    pullSecret('patched', { annotations: { 'app.kubernetes.io/managed-by': 'imagepullsecret-patcher' } }),
    pullSecret('shop', {
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'meta.helm.sh/release-name': 'shop', 'meta.helm.sh/release-namespace': 'shop' },
    }),
    {
      ...pullSecret('frozen'),
      immutable: true,
      data: dataOf({ auths: { [host]: { ...entry(login), email: 'a@b' } } }),
    },
    {
      ...pullSecret('legacy'),
      type: 'kubernetes.io/dockercfg',
      data: { '.dockercfg': dataOf({ [host]: entry(login) })['.dockerconfigjson'] },
    },
    ...['team-a', 'team-b'].map((namespace) => ({
      ...pullSecret(namespace, { name: 'tools-pull' }),
      data: dataOf({ auths: { [hub]: entry(login), [hostile]: entry(login) } }),
    })),
    serviceAccount('team-b', 'app', [name]),
    serviceAccount('team-b', 'builder', []),
    ...[...inPlace, ...anew, ...others].map((namespace) =>
      serviceAccount(namespace, 'default', namespace === 'team-a' ? ['theirs', name, 'tools-pull'] : [name]),
    ),
  );
});
after(() => cluster[Symbol.asyncDispose]());

function pullSecret(
  namespace: string,
  { login: given = login, name: named = name, ...metadata }: V1ObjectMeta & { login?: string } = {},
) {
  const secret = sourceSecret(named, given, host, namespace) as V1Secret;
  return { ...secret, metadata: { ...secret.metadata, ...metadata } };
}

function entry(given: string) {
  return { auth: Buffer.from(given).toString('base64') };
}

function dataOf(document: object) {
  return { '.dockerconfigjson': Buffer.from(JSON.stringify(document)).toString('base64') };
}

function serviceAccount(namespace: string, called: string, secrets: string[]) {
  const imagePullSecrets = secrets.map((secret) => ({ name: secret }));
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: called }, imagePullSecrets };
}

/** The command as a person runs it, with a kubeconfig and nothing else. */
async function importing(args: string[] = [], kubeconfig = cluster.controlPlane.kubeconfig) {
  const run = await runJob(['import', '--kubeconfig', kubeconfig, ...args], {});
  await searchFiles(dirname(file), basename(file));
  return run;
}

/** The Secrets of a name, by namespace. */
async function secretsOf(called: string): Promise<Map<string | undefined, V1Secret>> {
  const all = await cluster.list<V1Secret>('secrets', '-A', '--field-selector', `metadata.name=${called}`);
  return new Map(all.map((secret) => [secret.metadata?.namespace, secret]));
}

/** What a plan would do, each thing as `<what> <namespace>/<Secret>`. */
async function planned(): Promise<string[]> {
  const { code, events, output } = await cluster.job(['plan']);
  assert.equal(code, 0, output);
  return events
    .filter(({ namespace }) => namespace !== undefined)
    .map(({ message, namespace, secret }) => `${message} ${namespace}/${secret}`)
    .toSorted();
}

/** The flags that give the login of every registry in a file, as the comment at its top says. */
async function credentialFlags(): Promise<string[]> {
  const passwordFile = join(cluster.controlPlane.directory, 'password');
  await writeFile(passwordFile, password);
  const values = parse(await readFile(file, 'utf8'));
  const targets: Array<[path: string, registries: object]> = [
    ['', values.registries],
    ...Object.entries(values.profiles).map(([key, profile]): [string, object] => [
      `profiles.${key}.`,
      (profile as { registries: object }).registries,
    ]),
  ];
  return targets.flatMap(([path, registries]) =>
    Object.keys(registries).flatMap((key) => {
      const registry = `${path}registries.${key}`;
      const secret = path.includes('team-c')
        ? ['--set-literal', `${registry}.password=${uniquePassword('s3cr3t-of-team-c')}`]
        : ['--set-file', `${registry}.password=${passwordFile}`];
      return ['--set-literal', `${registry}.username=robot`, ...secret];
    }),
  );
}

test('a cluster is imported into a file of values with no credential in it, which names what to expect', async () => {
  const { code, output } = await importing(['--output', file]);

  assert.equal(code, 0, output);
  const text = await readFile(file, 'utf8');
  assertNoTrace(text + output);
  assert.doesNotMatch(text, /username: /);
  assert.deepEqual(parse(text), {
    secretName: name,
    registries: { 'registry-example-com': { server: host } },
    namespaces: { include: ['*'], exclude: ['kube-node-lease', 'kube-public'], excludeSystem: false },
    serviceAccounts: { include: ['app', 'default'] },
    onConflict: 'adopt',
    profiles: {
      'regcred-team-c': {
        secretName: name,
        registries: { 'registry-example-com': { server: host } },
        namespaces: { include: ['team-c'], exclude: [], excludeSystem: true },
        serviceAccounts: { include: ['default'] },
      },
      'tools-pull': {
        secretName: 'tools-pull',
        registries: { 'docker-hub': { server: 'docker.io' }, 'r-example-com-x-q': { server: hostile } },
        namespaces: { include: ['team-a', 'team-b'], exclude: [], excludeSystem: true },
        serviceAccounts: { include: ['default'] },
      },
    },
  });
  for (const [namespace, reason] of [
    ['shop', 'belongs to the Helm release shop'],
    ['frozen', 'is immutable and is deleted and created anew'],
    ['legacy', 'has the type kubernetes.io/dockercfg and is deleted and created anew'],
  ]) {
    assert.match(text, new RegExp(`Secret ${namespace}/regcred: ${reason}`));
    assert.match(output, new RegExp(`"objects":"Secret ${namespace}/regcred","reason":"${reason}`));
  }
});

test('the chart takes the file, and a plan with it shows what was told and nothing else', async () => {
  const off = 'suspend=true,runOnInstall.enabled=false,admissionPolicy.enabled=false,verifyCredentials=off';

  await cluster.helmUpgrade(['--values', file, ...(await credentialFlags()), '--set', off]);

  assert.deepEqual(
    await planned(),
    [
      ...[...inPlace, 'team-c'].map((namespace) => `update copy ${namespace}/${name}`),
      ...anew.map((namespace) => `replace copy ${namespace}/${name}`),
      ...['team-a', 'team-b'].map((namespace) => `update copy ${namespace}/tools-pull`),
      `the Secret belongs to someone else and is kept shop/${name}`,
      // What the file's comments say of the ServiceAccounts, and the release's own namespace, which is new.
      'add reference team-b/tools-pull',
      `create copy ${releaseNamespace}/${name}`,
      `add reference ${releaseNamespace}/${name}`,
    ].toSorted(),
  );
});

test('after the first run each Secret is the same object with the same login, and there is nothing left to do', async () => {
  const before = await secretsOf(name);
  const tools = await secretsOf('tools-pull');

  const { code, output } = await cluster.job(['sync']);

  assert.equal(code, 0, output);
  const now = await secretsOf(name);
  for (const namespace of [...inPlace, 'team-c', 'shop', 'out']) {
    assert.equal(now.get(namespace)?.metadata?.uid, before.get(namespace)?.metadata?.uid, namespace);
    assert.equal(loginIn(now.get(namespace) as V1Secret), loginIn(before.get(namespace) as V1Secret), namespace);
  }
  for (const namespace of anew) assert.equal(loginIn(now.get(namespace) as V1Secret), login);
  for (const [namespace, secret] of await secretsOf('tools-pull')) {
    assert.equal(secret.metadata?.uid, tools.get(namespace)?.metadata?.uid);
    assert.equal(loginIn(secret, hostile), login);
  }
  const { imagePullSecrets } = await cluster.get<V1ServiceAccount>('serviceaccount', 'default', '-n', 'team-a');
  assert.deepEqual(
    imagePullSecrets?.map((one) => one.name),
    ['theirs', name, 'tools-pull'],
  );
  assert.deepEqual(await planned(), [`the Secret belongs to someone else and is kept shop/${name}`]);
});

test('what a release manages by now is not imported again, and the release is named', async () => {
  await rm(file);

  const { code, output } = await importing(['--output', file]);

  assert.equal(code, 1, output);
  assert.match(output, /is managed by the release registry-access\/pullsecret-sync of pullsecret-sync/);
  assert.match(output, /no pull secret that a release could manage/);
  await assert.rejects(readFile(file), /ENOENT/);
});

test('an imagepullsecret-patcher that runs is named, and its settings count; its login is shown nowhere', async () => {
  const namespace = 'imagepullsecret-patcher';
  const env = {
    CONFIG_SECRETNAME: 'image-pull-secret',
    CONFIG_ALLSERVICEACCOUNT: 'true',
    CONFIG_EXCLUDED_NAMESPACES: 'kube-system,kube-public,kube-node-lease,team-a',
    CONFIG_DOCKERCONFIGJSON: JSON.stringify({ auths: { [host]: { auth: 's3cr3t' } } }),
  };
  const labels = { app: namespace };
  const container = {
    name: namespace,
    image: 'quay.io/titansoft/imagepullsecret-patcher:v0.14',
    env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
  };
  await cluster.createNamespaces(namespace);
  await cluster.applyObjects(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: namespace, namespace },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
    pullSecret('team-b', {
      name: 'image-pull-secret',
      annotations: { 'app.kubernetes.io/managed-by': 'imagepullsecret-patcher' },
    }),
  );

  const { code, events, output } = await importing();

  assert.equal(code, 0, output);
  assertNoTrace(output);
  // The log is JSON where it is no terminal, and no line of it is among the values.
  assert.deepEqual(events, []);
  const values = parse(
    output
      .split('\n')
      .filter((line) => !line.startsWith('{'))
      .join('\n'),
  );
  assert.equal(values.secretName, 'image-pull-secret');
  assert.deepEqual(values.namespaces, { include: ['*'], exclude: ['team-a'], excludeSystem: true });
  assert.deepEqual(values.serviceAccounts, { include: ['*'] });
  assert.match(
    output,
    /^\{.*kubectl scale deployment imagepullsecret-patcher --replicas=0 --namespace imagepullsecret-patcher/m,
  );
});

test('who may see neither Deployments nor Secrets is told so, each with the right that is wanted', async () => {
  const rule = (resources: string) => ['--resource', resources, '--verb', 'list'];
  await cluster.kubectl(['create', 'serviceaccount', 'reader', '-n', 'default']);
  await cluster.kubectl(['create', 'clusterrole', 'reader', ...rule('namespaces,serviceaccounts')]);
  await cluster.kubectl([
    'create',
    'clusterrolebinding',
    'reader',
    '--clusterrole=reader',
    '--serviceaccount=default:reader',
  ]);
  const kubeconfig = await cluster.kubeconfigFor('default', 'reader');

  const { code, output } = await importing([], kubeconfig);

  assert.equal(code, 1, output);
  assert.match(output, /"level":"warn".*\{apiGroups: \[\\"apps\\"\], resources: \[deployments\], verbs: \[list\]\}/);
  assert.match(output, /"level":"error".*\{apiGroups: \[\\"\\"\], resources: \[secrets\], verbs: \[list\]\}/);
  assert.doesNotMatch(output, /^secretName/m);
});
