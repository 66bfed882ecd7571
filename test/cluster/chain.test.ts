import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { V1Pod, V1Secret } from '@kubernetes/client-node';
import { parse } from 'yaml';
import type { Chain, Link, LinkName } from '../../job/src/chain/chain.ts';
import { until } from '../../scripts/until.ts';
import { exceptObjects } from '../support/leaks/search-cluster.ts';
import { uniqueLogin } from '../support/leaks/unique-password.ts';
import {
  password,
  registryValues,
  releaseNamespace,
  secretName,
  sourceSecret,
  startTestCluster,
  type TestCluster,
} from './support.ts';

let cluster: TestCluster;
const image = 'registry.example.com/team/app:1';
const pull = `failed to pull and unpack image "${image}": failed to resolve image: `;
const noLogin = `Back-off pulling image "${image}": ErrImagePull: ${pull}pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials`;
const refused = `Back-off pulling image "${image}": ErrImagePull: ${pull}unexpected status from HEAD request to https://registry.example.com/v2/team/app/manifests/1: 401 Unauthorized`;

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces('team-a', 'shop', 'out');
  await cluster.install({ ...registryValues(), namespaces: { exclude: ['out'] } });
});
after(() => cluster[Symbol.asyncDispose]());

interface Walked {
  code: number;
  chain: Chain & { firstBroken: Link | null };
}

/** Walks with the rights of the administrator, or of whose kubeconfig it is. */
async function walk(to: string[], kubeconfig = cluster.controlPlane.kubeconfig): Promise<Walked> {
  const { code, output } = await cluster.job(['status', '--output', 'yaml', '--kubeconfig', kubeconfig, ...to]);
  return { code, chain: parse(output) };
}

const toPod = (namespace: string, pod: string, kubeconfig?: string) =>
  walk(['--pod', `${namespace}/${pod}`], kubeconfig);
const toNamespace = (namespace: string) => walk(['--namespace', namespace]);

function linksOf({ chain }: Walked, name: LinkName): string[] {
  return chain.links.filter(({ link }) => link === name).map(({ state }) => state);
}

/** The first broken link, which has to be that one. */
function broken({ chain }: Walked, name: LinkName): Required<Link> {
  assert.equal(chain.firstBroken?.link, name, JSON.stringify(chain.links, null, 1));
  return chain.firstBroken as Required<Link>;
}

/** A command that a cure names. */
async function runAsWritten(fix: string): Promise<void> {
  const [, rest = ''] = /(?:^|: )kubectl (.*)$/.exec(fix) ?? [];
  const args = [...rest.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  assert.ok(args.length > 0, fix);
  await cluster.kubectl(args);
}

interface PodOptions {
  list?: string[];
  serviceAccount?: string;
  of?: string;
  message?: string;
  reason?: string;
}

/** A pod as the kubelet leaves one that cannot pull: none runs here, test/e2e/chain.test.ts shows what it writes. */
async function putPod(namespace: string, name: string, options: PodOptions = {}): Promise<void> {
  const { list, serviceAccount, of = image, message = refused, reason = 'ImagePullBackOff' } = options;
  const spec = {
    ...(list ? { imagePullSecrets: list.map((one) => ({ name: one })) } : {}),
    ...(serviceAccount ? { serviceAccountName: serviceAccount } : {}),
    containers: [{ name: 'app', image: of }],
  };
  await cluster.applyObjects({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec });
  await setWaiting(namespace, name, message, { of, reason });
}

async function setWaiting(
  namespace: string,
  name: string,
  message: string,
  { of = image, reason = 'ImagePullBackOff' }: Pick<PodOptions, 'of' | 'reason'> = {},
): Promise<void> {
  const waiting = {
    name: 'app',
    image: of,
    imageID: '',
    ready: false,
    restartCount: 0,
    state: { waiting: { reason, message } },
  };
  const status = JSON.stringify({ status: { phase: 'Pending', containerStatuses: [waiting] } });
  await cluster.kubectl(['patch', 'pod', name, '-n', namespace, '--subresource=status', '--type=merge', '-p', status]);
}

/** The one pod of a Deployment, once it is there and none that was before. */
async function podOf(namespace: string, app: string, before = ''): Promise<string> {
  const names = async () =>
    (await cluster.list<V1Pod>('pods', '-n', namespace, '-l', `app=${app}`))
      .map(({ metadata }) => metadata?.name ?? '')
      .filter((name) => name !== before);
  await until(`the Deployment ${app} has a pod`, async () => (await names()).length > 0);
  return (await names())[0] as string;
}

test('nothing runs while a copy is missing: the release, and the command of the cure lets it run', async () => {
  await cluster.applyObjects({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image }] } },
    },
  });
  await setWaiting('shop', await podOf('shop', 'web'), noLogin);

  const { fix, says } = broken(await toNamespace('shop'), 'release');

  assert.match(says, /suspended/);
  await runAsWritten(fix);
  assert.match(broken(await toNamespace('shop'), 'lastRun').says, /no run has left a status/);
});

test('a pod that came too early is made anew by the command of its cure, and its successor has the reference', async () => {
  await cluster.job(['sync']);
  const pod = await podOf('shop', 'web');

  const walked = await toPod('shop', pod);

  const { says, fix } = broken(walked, 'pullSecrets');
  assert.match(says, /it names none: it was made before its ServiceAccount named image-pull-secret/);
  assert.equal(fix, 'kubectl rollout restart deployment/web --namespace shop');
  assert.deepEqual(
    ['release', 'copy', 'serviceAccount', 'registry'].map((name) => linksOf(walked, name as LinkName)),
    [['ok'], ['ok'], ['ok'], ['ok']],
  );
  assert.equal(await shownIn('shop', pod), stable(await exampleInReadme()));
  await runAsWritten(fix);
  const next = await toPod('shop', await podOf('shop', 'web', pod));
  assert.deepEqual(linksOf(next, 'pullSecrets'), ['ok']);
  assert.match(broken(next, 'pod').says, /no node has it/);
});

/** What a person sees. */
async function shownIn(namespace: string, pod: string): Promise<string> {
  const args = ['--output', 'text', '--kubeconfig', cluster.controlPlane.kubeconfig];
  return stable((await cluster.job(['status', '--pod', `${namespace}/${pod}`, ...args])).output);
}

async function exampleInReadme(): Promise<string> {
  const readme = await readFile(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  return /^```text\n(Pod shop\/.*?)^```$/ms.exec(readme)?.[1] ?? 'no example';
}

/** The text without what is another one each time. */
function stable(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replaceAll(/web-\w+-\w{5}/g, 'web-1')
    .replace(/has started no run yet|started a run \d+ \w+ ago/, 'runs')
    .replace(/ended \d+ \w+ ago/, 'ended')
    .replaceAll(/it said \d+ \w+ ago:|it says:/g, 'it says:')
    .trim();
}

test('a namespace that is excluded by name says by which glob, and one with the annotation how to take it off', async () => {
  assert.match(broken(await toNamespace('out'), 'selection').says, /namespaces\.exclude has "out"/);
  await cluster.kubectl(['annotate', 'namespace', 'team-a', 'pullsecret-sync.io/exclude=true']);

  const { fix } = broken(await toNamespace('team-a'), 'selection');

  await runAsWritten(fix);
  assert.equal((await toNamespace('team-a')).chain.firstBroken, null);
});

test('a namespace or pod that is not there ends with 1, and names what is like it', async () => {
  const [namespace, pod] = [await toNamespace('team-x'), await toPod('shop', 'we')];

  assert.deepEqual([namespace.code, pod.code], [1, 1]);
  assert.match(broken(namespace, 'namespace').says, /there is no namespace team-x \(did you mean team-a\?\)/);
  assert.match(broken(pod, 'pod').says, /there is no pod we in shop/);
});

for (const name of ['tëam-a', 'TEAM-A', 'team-a/', '../team-a', '']) {
  test(`the name ${JSON.stringify(name)} can be no namespace's, and no request is made`, async () => {
    const { code, output } = await cluster.job(['status', '--namespace', name]);

    assert.equal(code, 64);
    assert.match(output, /must be the name of a namespace/);
  });
}

test('a namespace that is being deleted is told', async () => {
  const metadata = { name: 'leaving', finalizers: ['example.com/stays'] };
  await cluster.createNamespaces('leaving');
  await cluster.applyObjects({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, namespace: 'leaving' } });
  await cluster.kubectl(['delete', 'namespace', 'leaving', '--wait=false']);

  assert.match(broken(await toNamespace('leaving'), 'namespace').says, /being deleted/);
});

test('sources that are not there are told, and the copy stays unknown', async () => {
  await cluster.kubectl(['delete', 'secret', 'pullsecret-sync-source', '-n', releaseNamespace]);

  const walked = await toNamespace('team-a');

  assert.match(broken(walked, 'sources').says, /pullsecret-sync-source does not exist/);
  assert.deepEqual(linksOf(walked, 'copy'), ['unknown']);
  await cluster.install({ ...registryValues(), namespaces: { exclude: ['out'] }, suspend: false });
});

test('a copy that is gone, changed, or of another type is told, and the next run mends it', async () => {
  const place = [secretName, '-n', 'team-a'];
  await cluster.kubectl(['delete', 'secret', ...place]);
  assert.match(broken(await toNamespace('team-a'), 'copy').says, /there is none/);

  await cluster.kubectl(['create', 'secret', 'generic', ...place, '--from-literal=a=b']);
  assert.match(broken(await toNamespace('team-a'), 'copy').says, /belongs to someone else \(kubectl-create\)/);
  await cluster.kubectl(['delete', 'secret', ...place]);
  await cluster.job(['sync']);

  const { data } = sourceSecret('other', uniqueLogin('other'), 'other.example.com') as V1Secret;
  await cluster.kubectl(['patch', 'secret', ...place, '--type=merge', '-p', JSON.stringify({ data })]);
  assert.match(
    broken(await toNamespace('team-a'), 'copy').says,
    /does not hold what the sources hold now, but logins for other\.example\.com/,
  );

  await cluster.job(['sync']);
  assert.equal((await toNamespace('team-a')).chain.firstBroken, null);
});

test('a ServiceAccount that lost the reference says so', async () => {
  const patch = ['patch', 'serviceaccount', 'default', '-n', 'team-a', '--type=merge', '--field-manager=a-tool'];
  await cluster.kubectl([...patch, '-p', '{"imagePullSecrets":[{"name":"other"}]}']);

  const { says } = broken(await toNamespace('team-a'), 'serviceAccount');

  assert.match(says, /does not name image-pull-secret any more: somebody took it out/);
  await cluster.job(['sync']);
});

test('a pod whose ServiceAccount no target wants says so', async () => {
  await cluster.kubectl(['create', 'serviceaccount', 'builder', '-n', 'team-a']);
  await putPod('team-a', 'builder', { serviceAccount: 'builder', message: noLogin });

  const { says, fix } = broken(await toPod('team-a', 'builder'), 'serviceAccount');

  assert.match(says, /serviceAccounts\.include has only "default"/);
  assert.match(fix, /add "builder" to serviceAccounts\.include/);
});

test('a pod that brings a list of its own hangs on that, and not on the copy', async () => {
  await cluster.applyObjects(sourceSecret('own', uniqueLogin('elsewhere'), 'elsewhere.example.com', 'team-a'));
  await putPod('team-a', 'own', { list: ['own'], message: noLogin });

  const { says, fix } = broken(await toPod('team-a', 'own'), 'pullSecrets');

  assert.match(says, /brings its own list \(own\).*none in it has a login for registry\.example\.com/);
  assert.match(fix, /add image-pull-secret to imagePullSecrets in the manifest of the pod own/);
});

test('an image of a registry without a login is told', async () => {
  const of = 'elsewhere.example.net/app:1';
  await putPod('team-a', 'uncovered', { of, message: noLogin.replaceAll(image, of) });

  const { says, about } = broken(await toPod('team-a', 'uncovered'), 'registry');

  assert.equal(about, of);
  assert.match(says, /no login for elsewhere\.example\.net; image-pull-secret has logins for registry\.example\.com/);
});

test('where all links hold the kubelet has the last word, and a password in it is hidden', async () => {
  exceptObjects('what a registry quoted to the kubelet is what is tried', /^\/registry\/pods\/team-a\/quoting$/);
  await putPod('team-a', 'quoting', { message: `${refused} (for robot:${password})` });

  const walked = await toPod('team-a', 'quoting');

  const { says } = broken(walked, 'kubelet');
  assert.match(says, /the registry refused the login; it says: .* 401 Unauthorized \(for \*\*\*\)/);
  assert.equal(walked.code, 0);
  assert.equal((await walk(['--pod', 'team-a/quoting', '--exit-code'])).code, 2);
});

test('what an older kubelet says in an Event only is found', async () => {
  await putPod('team-a', 'older', { message: `Back-off pulling image "${image}"` });
  const { metadata } = await cluster.get<V1Pod>('pod', 'older', '-n', 'team-a');
  const involvedObject = { kind: 'Pod', name: 'older', namespace: 'team-a', uid: metadata?.uid };
  const message = `Failed to pull image "${image}": ${pull}${image}: not found`;
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'older.1', namespace: 'team-a' },
    type: 'Warning',
  };
  await cluster.applyObjects({
    ...event,
    reason: 'Failed',
    message,
    involvedObject,
    lastTimestamp: new Date().toISOString().replace(/\.\d+/, ''),
  });

  assert.match(
    broken(await toPod('team-a', 'older'), 'kubelet').says,
    /no such image or tag.*; it said \d+ seconds ago: .*not found/,
  );
});

test('a container and an image of any signs break no line, and steer no terminal', async () => {
  const of = 'registry.example.com/\u001b[31mteäm\u0007/app';
  await putPod('team-a', 'odd', {
    of,
    reason: 'InvalidImageName',
    message: `couldn't parse image name "${of}"\n\u001b[2J`,
  });
  const args = ['--kubeconfig', cluster.controlPlane.kubeconfig, '--output', 'text'];

  const { code, output } = await cluster.job(['status', '--pod', 'team-a/odd', ...args]);

  assert.equal(code, 0);
  assert.match(output, /registry\.example\.com\/\?\[31mteäm\?\/app/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  assert.doesNotMatch(output, /[\u0000-\u0009\u000b-\u001f]/);
});

test('all that wait in a namespace are walked to at once', async () => {
  const { chain } = await toNamespace('team-a');

  const pods = chain.links.filter(({ link }) => link === 'kubelet').map(({ about }) => about);
  assert.equal(pods.length, 6);
  assert.ok(
    chain.links.some(
      ({ link, about, state }) => link === 'serviceAccount' && about === 'builder' && state === 'broken',
    ),
  );
});

/** A person with one of Kubernetes' own roles in one namespace. */
async function personWith(role: string): Promise<string> {
  await cluster.kubectl(['create', 'serviceaccount', role, '-n', 'team-a']);
  const binding = ['create', 'rolebinding', role, '-n', 'team-a', `--clusterrole=${role}`];
  await cluster.kubectl([...binding, `--serviceaccount=team-a:${role}`]);
  return cluster.kubeconfigFor('team-a', role);
}

test('without a right a link is unknown, names the right and how to ask for it, and the others are told', async () => {
  const viewer = await personWith('view');
  await putPod('team-a', 'refused', { message: refused });
  const config = await cluster.kubectl([
    'get',
    'configmap',
    'pullsecret-sync',
    '-n',
    releaseNamespace,
    '-o',
    'jsonpath={.data.config\\.yaml}',
  ]);
  const file = await cluster.writeConfig({}, parse(config));

  const walked = await walk(['--pod', 'team-a/refused', '--config', file], viewer);

  const states = Object.fromEntries(walked.chain.links.map(({ link, state }) => [link, state]));
  assert.deepEqual(states, {
    release: 'unknown',
    lastRun: 'unknown',
    namespace: 'ok',
    selection: 'ok',
    sources: 'unknown',
    copy: 'unknown',
    serviceAccount: 'ok',
    pod: 'ok',
    pullSecrets: 'ok',
    registry: 'unknown',
    kubelet: 'broken',
  });
  const copy = walked.chain.links.find(({ link }) => link === 'copy');
  const [, question = ''] = /"(kubectl auth can-i [^"]*)"/.exec(copy?.fix ?? '') ?? [];
  const [, ...args] = question.split(' ');
  const as = ['--as=system:serviceaccount:team-a:view'];
  await assert.rejects(cluster.kubectl([...args, ...as]), ({ stdout }: { stdout: string }) => stdout.trim() === 'no');
});

test('in a pod of the release, which may see no pods, that alone is unknown', async () => {
  const { code, events } = await cluster.job(['status', '--pod', 'team-a/refused']);

  assert.equal(code, 0);
  const links = events.filter(({ message }) => message === 'link');
  const unseen = links.filter(({ state }) => state === 'unknown').map(({ link }) => link);
  assert.deepEqual(unseen, ['release', 'pod']);
  assert.deepEqual(
    links.filter(({ link }) => link === 'copy' || link === 'serviceAccount').map(({ state }) => state),
    ['ok', 'ok'],
  );
});

test('the chain is there as YAML and Markdown too, and not in the forms of a whole cluster', async () => {
  const to = ['status', '--pod', 'team-a/refused', '--kubeconfig', cluster.controlPlane.kubeconfig, '--output'];
  const [yaml, markdown, junit] = await Promise.all(
    ['yaml', 'markdown', 'junit'].map((format) => cluster.job([...to, format])),
  );

  assert.equal(parse(yaml?.output ?? '').firstBroken.link, 'kubelet');
  assert.match(markdown?.output ?? '', /^## Pod team-a\/refused\n\n\*\*First broken link: kubelet\*\*\n/);
  assert.equal(junit?.code, 64);
  assert.match(junit?.output ?? '', /choose text, json, yaml, markdown/);
});
