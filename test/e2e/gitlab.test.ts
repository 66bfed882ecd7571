import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { version } from '../../job/src/version.ts';
import { bundleFile } from '../../scripts/build.ts';
import { type ControlPlane, startControlPlane } from '../../scripts/cluster/control-plane.ts';
import { nodeBaseOf } from '../../scripts/cluster/job-image.ts';
import { nameRegistry } from '../../scripts/cluster/node.ts';
import { type Registry, startRegistry } from '../../scripts/cluster/registry.ts';
import { createNamespace, type Kubectl } from '../../scripts/cluster/workloads.ts';
import { tool } from '../../scripts/tools.ts';
import {
  createOwnProject,
  createProject,
  type Ended,
  type Project,
  type Source,
  type Variables,
} from '../support/gitlab.ts';
import { assertNoTrace } from '../support/no-trace.ts';
import { caConfigMap, startHttpsFront } from './https-front.ts';
import { chart, images, password, releaseNamespace, startTestCluster, type TestCluster } from './support.ts';

const run = promisify(execFile);
const rotated = 'r0tated$ecret,p@ss"w\\ord';
const jobToken = 'j0bt0ken-of-one-pipeline';
const gitlabHost = 'registry.gitlab.example.com';
const gitlabImage = `${gitlabHost}/platform/pullsecret-sync`;
const started = new AsyncDisposableStack();

/** Runs pods. */
let staging: TestCluster;
/** Runs none: what its jobs would do is done by hand. */
let production: ControlPlane;
let productionKubectl: Kubectl;
/** GitLab's own registry, where the pipeline's token is a login too. */
let gitlabRegistry: Registry;
/** This project, which publishes image and chart, and one with the page's ten lines, which uses them. */
let own: Project;
let project: Project;
/** As the settings of the project hold them. */
let variables: Variables;
/** What GitLab itself sets. */
let predefined: Variables;

before(async () => {
  staging = started.use(await startTestCluster());
  production = started.use(await startControlPlane());
  const kubectl = await tool('kubectl');
  productionKubectl = async (...args) => (await run(kubectl, ['--kubeconfig', production.kubeconfig, ...args])).stdout;
  const { registry, controlPlane } = staging.cluster;
  const { directory } = controlPlane;
  const users = { username: 'gitlab-ci-token', password: jobToken, others: { 'deploy-token': password } };
  gitlabRegistry = started.use(await startRegistry({ host: gitlabHost, port: 5003, directory, ...users }));
  await gitlabRegistry.push(nodeBaseOf(controlPlane), 'base/node:26');
  await nameRegistry(directory, gitlabRegistry);
  const front = started.use(await startHttpsFront([registry, gitlabRegistry], directory));
  await front.nameOnThisMachine();
  for (const namespace of ['team-a', 'team-b', releaseNamespace]) await createNamespace(staging.kubectl, namespace);
  await staging.apply(caConfigMap(releaseNamespace, front));

  const ofPipeline = { CI_REGISTRY_USER: 'gitlab-ci-token', CI_REGISTRY_PASSWORD: jobToken, CI_JOB_TOKEN: jobToken };
  predefined = { CI_REGISTRY: gitlabHost, ...ofPipeline, SSL_CERT_FILE: front.caFile };
  own = await createOwnProject('platform/pullsecret-sync');
  project = await createProject('platform/clusters', {
    '.gitlab-ci.yml': await configuration({ staging: 'staging.yaml', production: 'production.yaml' }),
    'cluster.yml': await readFile(partFile, 'utf8'),
    'staging.yaml': stringify(front.values),
    'production.yaml': stringify(withoutPods),
  });
  variables = {
    ...predefined,
    ...login(password),
    DOCKER_AUTH_CONFIG: JSON.stringify({
      auths: { [gitlabHost]: { username: 'deploy-token', password: raw(password) } },
    }),
    KUBECONFIG: kubeconfigVariable(await kubeconfig()),
  };
});
after(() => started.disposeAsync());

const partFile = join(chart, 'gitlab', 'cluster.yml');
const withoutPods = {
  ...{ runOnInstall: { enabled: false }, suspend: true, cleanupOnUninstall: false },
  verifyCredentials: 'off',
};

/** The ten lines of the page, with a cluster more whose agent nobody shares, and with what is another thing here. */
async function configuration(values: Record<string, string>): Promise<string> {
  const page = await readFile(join(chart, 'pages', 'gitlab.md'), 'utf8');
  const tenLines = parse(/```yaml\n(stages:.*?)```/s.exec(page)?.[1] ?? '');
  const nowhere = { cluster: 'nowhere', context: 'platform/agents:nowhere', stage: 'production', apply: 'manual' };
  const inputs = [...tenLines.include.map((one: { inputs: { cluster: string } }) => one.inputs), nowhere];
  const here = { chart: `oci://${gitlabImage}/charts/pullsecret-sync`, version, program: bundleFile };
  return stringify({
    ...tenLines,
    include: inputs.map((one) => ({
      local: '/cluster.yml',
      inputs: { ...one, ...here, values: values[one.cluster] ?? '' },
    })),
  });
}

/** A value as it is with "Expand variable reference" off: the runner here expands in any case, and knows "$$". */
function raw(value: string): string {
  return value.replaceAll('$', '$$$$');
}

function login(secret: string): Variables {
  return { REGISTRY_SERVER: 'registry.example.com', REGISTRY_USERNAME: 'robot', REGISTRY_PASSWORD: raw(secret) };
}

/** The kubeconfig of both clusters, whose contexts have the names that the GitLab agent gives. */
async function kubeconfig(servers: Record<string, string> = {}): Promise<string> {
  const files = { staging: staging.cluster.controlPlane.kubeconfig, production: production.kubeconfig };
  const parts = await Promise.all(
    Object.entries(files).map(async ([name, file]) => {
      const { clusters, users } = parse(await readFile(file, 'utf8'));
      const { cluster } = clusters[0];
      return { name, cluster: { ...cluster, server: servers[name] ?? cluster.server }, user: users[0].user };
    }),
  );
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: parts.map(({ name, cluster }) => ({ name, cluster })),
    users: parts.map(({ name, user }) => ({ name, user })),
    contexts: parts.map(({ name }) => ({ name: `platform/agents:${name}`, context: { cluster: name, user: name } })),
  });
}

function kubeconfigVariable(content: string): Variables[string] {
  return { type: 'file', values: { '*': content } };
}

/** Runs a pipeline or jobs of it, and looks for the credentials in what they print. */
async function pipeline(source: Source, jobs: string[], changed: Variables = {}): Promise<Ended> {
  const image = { PULLSECRET_SYNC_IMAGE: `${gitlabImage}:${version}` };
  const ended = await project.pipeline(source, { ...variables, ...image, ...changed }, jobs);
  assertNothingShown(ended);
  return ended;
}

function assertNothingShown({ log }: Ended): void {
  for (const secret of ['s3cr3t', 'r0tated', 'w\\ord', 'j0bt0ken']) assertNoTrace(log, secret);
}

/** What there is of the release on each cluster, source and copies included, in the versions that they have. */
async function objects(): Promise<string[][]> {
  const path = 'jsonpath={range .items[*]}{.kind}/{.metadata.name}/{.metadata.resourceVersion}{"\\n"}{end}';
  const configMap = ['get', 'configmaps', '-n', releaseNamespace, '--field-selector=metadata.name=pullsecret-sync'];
  const secrets = ['get', 'secrets', '-A', '--field-selector=type=kubernetes.io/dockerconfigjson'];
  const outputs = await Promise.all(
    [staging.kubectl, productionKubectl].map(async (kubectl) => {
      return (await kubectl(...configMap, '-o', path)) + (await kubectl(...secrets, '-o', path));
    }),
  );
  return outputs.map((output) => output.split('\n').filter(Boolean));
}

function sentences({ log }: Ended): string[] {
  return [...new Set([...log.matchAll(/> pullsecret-sync: (.+)$/gm)].map(([, sentence]) => sentence as string))];
}

test('the pipeline of this project tests before it publishes, and publishes before it installs', async () => {
  const jobs = await own.jobs('push');

  const stageOf = (name: string) => jobs.find((job) => job.name === name)?.stage;
  assert.deepEqual(
    ['lint', 'test', 'publish image', 'publish chart', 'apply staging', 'apply production-eu'].map(stageOf),
    ['test', 'test', 'publish', 'publish', 'staging', 'production'],
  );
  const names = async (source: Source) => (await own.jobs(source)).map(({ name }) => name);
  assert.deepEqual(await names('merge_request_event'), ['lint', 'test', ...ofEach('diff')]);
  assert.deepEqual(await names('schedule'), ofEach('drift'));
});

test('it pushes image and chart to the registry of GitLab, with the token of the pipeline', async () => {
  const changed = {
    ...predefined,
    CI_REGISTRY_IMAGE: gitlabImage,
    CI_COMMIT_TAG: `v${version}`,
    IMAGE_BASE: `${gitlabHost}/base/node:26`,
    IMAGE_PLATFORMS: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  };

  const ended = await own.pipeline('push', changed, ['publish image', 'publish chart']);

  assert.equal(ended.code, 0, ended.log);
  assertNothingShown(ended);
});

test('a merge request shows what would change in every cluster, without credentials, and changes nothing', async (context) => {
  const withoutLogin = { DOCKER_AUTH_CONFIG: '', REGISTRY_SERVER: '', REGISTRY_USERNAME: '', REGISTRY_PASSWORD: '' };

  const { code, log } = await pipeline('merge_request_event', ['diff staging', 'diff production'], withoutLogin);

  context.diagnostic(`the jobs ran with ${project.helmDiff}`);
  assert.equal(code, 0, log);
  for (const cluster of ['staging', 'production']) assert.match(log, new RegExp(`diff ${cluster} .*\\+ CronJob `));
  assert.match(log, /a placeholder stands for them/);
  assert.deepEqual(await objects(), [[], []]);
});

test('variables in, private pods running out: a commit on the default branch rolls out to both clusters', async () => {
  const { code, log } = await pipeline('push', ['apply staging', 'apply production']);

  assert.equal(code, 0, log);
  const [inStaging, inProduction] = await objects();
  assert.match(`${inStaging}`, /Secret\/image-pull-secret/);
  assert.match(`${inProduction}`, /Secret\/pullsecret-sync-source/);
  await staging.createPod('team-a', 'app', images.registry);
  await staging.untilPodRuns('team-a', 'app');
});

test('the scheduled check passes where all is in line, and fails with a report where it is not', async () => {
  const ended = await pipeline('schedule', ['drift staging', 'drift production']);

  assert.equal(ended.code, 1);
  assert.match(ended.log, /PASS +drift staging/);
  assert.match(ended.log, /FAIL +drift production/);
  assert.match(await project.artifact('drift-staging.txt'), /Nothing to do\./);
  assert.match(await project.artifact('drift-production.txt'), /create copy/);
});

test('a rotation is a changed variable and a click on the job', async () => {
  await staging.cluster.registry.setPassword(rotated);
  await staging.pushApp('registry', 'team/rotated:1');
  variables = { ...variables, ...login(rotated) };

  const { code, log } = await pipeline('push', ['rotate staging']);

  assert.equal(code, 0, log);
  await staging.createPod('team-b', 'rotated', 'registry.example.com/team/rotated:1');
  await staging.untilPodRuns('team-b', 'rotated');
});

test("the GitLab agent's kubeconfig serves as well as a variable of type File", async () => {
  const file = join(production.directory, 'agent.kubeconfig');
  await writeFile(file, await kubeconfig());

  const { code, log } = await pipeline('merge_request_event', ['diff staging'], { KUBECONFIG: file });

  assert.equal(code, 0, log);
});

test('a cluster that is down fails its own job, and the other one is served', async () => {
  const down = kubeconfigVariable(await kubeconfig({ production: 'https://127.0.0.1:1' }));
  const before = await objects();

  const ended = await pipeline('push', ['apply staging', 'apply production'], { KUBECONFIG: down, ...login(rotated) });

  assert.equal(ended.code, 1);
  assert.match(ended.log, /PASS +apply staging/);
  assert.match(ended.log, /FAIL +apply production/);
  assert.match(sentences(ended).join(), /^the cluster production does not answer: .*127\.0\.0\.1:1/);
  assert.deepEqual((await objects())[1], before[1]);
});

function ofEach(job: string): string[] {
  return ['staging', 'production-eu', 'production-us'].map((cluster) => `${job} ${cluster}`);
}

suite('what is wrong fails before anything is changed, with one sentence', () => {
  const cases: [name: string, job: string, changed: () => Variables | Promise<Variables>, sentence: RegExp][] = [
    [
      'a variable that is missing',
      'apply staging',
      () => ({ REGISTRY_USERNAME: { values: { other: 'robot' } } }),
      /^the variable REGISTRY_USERNAME is missing or empty for the environment staging: set it/,
    ],
    [
      'a variable that is empty',
      'apply staging',
      () => ({ REGISTRY_PASSWORD: '' }),
      /^the variable REGISTRY_PASSWORD is missing or empty/,
    ],
    [
      'a file that is empty',
      'apply staging',
      () => ({ REGISTRY_PASSWORD: { type: 'file', values: { '*': '' } } }),
      /^the variable REGISTRY_PASSWORD is/,
    ],
    [
      'a password too short to be masked',
      'apply staging',
      () => ({ REGISTRY_PASSWORD: 'r0tated' }),
      /^the variable REGISTRY_PASSWORD is shorter than the 8 characters that GitLab can mask/,
    ],
    [
      'what GitLab shows in place of a value',
      'apply staging',
      () => ({ REGISTRY_PASSWORD: '[MASKED]' }),
      /^the variable REGISTRY_PASSWORD holds what GitLab shows in place of a masked value/,
    ],
    [
      'a docker config that "$" cut',
      'apply staging',
      () => ({ REGISTRY_SERVER: '', DOCKER_AUTH_CONFIG: '{"auths":{"registry.example.com":{"auth":"$NOWHERE' }),
      /JSON/,
    ],
    [
      'a password that the registry refuses',
      'apply staging',
      () => ({ REGISTRY_PASSWORD: 'not-the-r0tated-one' }),
      /the registry registry\.example\.com refuses the login/,
    ],
    [
      'a password whose "$" GitLab expanded',
      'apply staging',
      () => ({ REGISTRY_PASSWORD: rotated }),
      /refuses the login .*Expand variable reference/,
    ],
    [
      "GitLab's own job token",
      'apply staging',
      () => ({ REGISTRY_USERNAME: 'gitlab-ci-token' }),
      /GitLab's job token, which dies with its pipeline/,
    ],
    [
      'a context that is not there',
      'apply nowhere',
      () => ({}),
      /^there is no kube context platform\/agents:nowhere, only: platform\/agents:production platform\/agents:staging$/,
    ],
    ['no kubeconfig', 'apply staging', () => ({ KUBECONFIG: '' }), /^there is no kubeconfig: share the GitLab agent/],
    [
      'a cluster that refuses the identity',
      'apply staging',
      async () => ({ KUBECONFIG: kubeconfigVariable((await kubeconfig()).replaceAll(/token: .*/g, 'token: stale')) }),
      /^the cluster staging does not answer: .*Unauthorized|logged in/,
    ],
    ['debug logging', 'apply staging', () => ({ CI_DEBUG_TRACE: 'true' }), /^CI_DEBUG_TRACE is on/],
  ];
  for (const [name, job, changed, sentence] of cases) {
    test(name, async () => {
      const before = await objects();

      const ended = await pipeline('push', [job], await changed());

      assert.equal(ended.code, 1, ended.log);
      assert.equal(sentences(ended).length, 1, ended.log);
      assert.match(sentences(ended)[0] as string, sentence);
      assert.deepEqual(await objects(), before);
    });
  }

  test('an input that is no name of a cluster', async () => {
    const { log } = await createProject('platform/other', {
      '.gitlab-ci.yml': stringify({ include: [{ local: '/cluster.yml', inputs: { cluster: 'Not A Name' } }] }),
      'cluster.yml': await readFile(partFile, 'utf8'),
    }).then((other) => other.pipeline('push', {}));

    assert.match(log, /`cluster` input: `Not A Name` does not match/);
  });
});

test('destroy takes all away again, without credentials', async () => {
  const { code, log } = await pipeline('push', ['destroy staging'], { DOCKER_AUTH_CONFIG: '', REGISTRY_PASSWORD: '' });

  assert.equal(code, 0, log);
  const byName = ['--field-selector=metadata.name=image-pull-secret', '-o', 'name'];
  assert.equal(await staging.kubectl('get', 'secrets', '-A', ...byName), '');
});

test('the pipeline of this project installs what it published, by its own helmfile', async () => {
  const changed = { ...variables, CI_REGISTRY_IMAGE: gitlabImage };

  const ended = await own.pipeline('push', changed, ['apply staging']);

  assert.equal(ended.code, 0, ended.log);
  assertNothingShown(ended);
  assert.match(`${(await objects())[0]}`, /Secret\/image-pull-secret/);
});
