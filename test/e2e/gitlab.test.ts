import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { stringify } from 'yaml';
import { version } from '../../job/src/version.ts';
import { createProject, type Ended, type Source, type Variables } from '../support/gitlab.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { assertNoTrace } from '../support/no-trace.ts';
import { badInput } from './gitlab-bad-input.ts';
import {
  agentsKubeconfig,
  fileVariable,
  gitlabHost,
  gitlabImage,
  type Landscape,
  login,
  partFile,
  startLandscape,
} from './gitlab-landscape.ts';
import { images, releaseNamespace } from './support.ts';

const rotated = uniquePassword('r0tated', '$ecret,p@ss"w\\ord');

let landscape: Landscape;
/** As the settings of the project hold them now. */
let variables: Variables;

before(async () => {
  landscape = await startLandscape();
  variables = { ...landscape.predefined, ...landscape.settings };
});
after(() => landscape[Symbol.asyncDispose]());

/** Runs a pipeline or jobs of it, and looks for the credentials in what they print. */
async function pipeline(source: Source, jobs: string[], changed: Variables = {}): Promise<Ended> {
  const image = { PULLSECRET_SYNC_IMAGE: `${gitlabImage}:${version}` };
  const ended = await landscape.project.pipeline(source, { ...variables, ...image, ...changed }, jobs);
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
    [landscape.staging.kubectl, landscape.productionKubectl].map(async (kubectl) => {
      return (await kubectl(...configMap, '-o', path)) + (await kubectl(...secrets, '-o', path));
    }),
  );
  return outputs.map((output) => output.split('\n').filter(Boolean));
}

function sentences({ log }: Ended): string[] {
  return [...new Set([...log.matchAll(/> pullsecret-sync: (.+)$/gm)].map(([, sentence]) => sentence as string))];
}

test('the pipeline of this project tests before it publishes, and publishes before it installs', async () => {
  const jobs = await landscape.own.jobs('push');

  const stageOf = (name: string) => jobs.find((job) => job.name === name)?.stage;
  assert.deepEqual(
    ['lint', 'test', 'publish image', 'publish chart', 'apply staging', 'apply production-eu'].map(stageOf),
    ['test', 'test', 'publish', 'publish', 'staging', 'production'],
  );
  const names = async (source: Source) => (await landscape.own.jobs(source)).map(({ name }) => name);
  assert.deepEqual(await names('merge_request_event'), ['lint', 'test', ...ofEach('diff')]);
  assert.deepEqual(await names('schedule'), ofEach('drift'));
});

test('it pushes image and chart to the registry of GitLab, with the token of the pipeline', async () => {
  const changed = {
    ...landscape.predefined,
    CI_REGISTRY_IMAGE: gitlabImage,
    CI_COMMIT_TAG: `v${version}`,
    IMAGE_BASE: `${gitlabHost}/base/node:26`,
    IMAGE_PLATFORMS: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  };

  const ended = await landscape.own.pipeline('push', changed, ['publish image', 'publish chart']);

  assert.equal(ended.code, 0, ended.log);
  assertNothingShown(ended);
});

test('a merge request shows what would change in every cluster, without credentials, and changes nothing', async (context) => {
  const withoutLogin = { DOCKER_AUTH_CONFIG: '', REGISTRY_SERVER: '', REGISTRY_USERNAME: '', REGISTRY_PASSWORD: '' };

  const { code, log } = await pipeline('merge_request_event', ['diff staging', 'diff production'], withoutLogin);

  context.diagnostic(`the jobs ran with ${landscape.project.helmDiff}`);
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
  await landscape.staging.createPod('team-a', 'app', images.registry);
  await landscape.staging.untilPodRuns('team-a', 'app');
});

test('the scheduled check passes where all is in line, and fails with a report where it is not', async () => {
  const ended = await pipeline('schedule', ['drift staging', 'drift production']);

  assert.equal(ended.code, 1);
  assert.match(ended.log, /PASS +drift staging/);
  assert.match(ended.log, /FAIL +drift production/);
  assert.match(await landscape.project.artifact('drift-staging.txt'), /Nothing to do\./);
  assert.match(await landscape.project.artifact('drift-production.txt'), /create copy/);
  assert.doesNotMatch(await landscape.project.artifact('drift-staging.xml'), /<(failure|error)/);
  assert.match(await landscape.project.artifact('drift-production.xml'), /<failure type="drift"/);
  assert.match(await landscape.project.artifact('drift-production.html'), /<h1>A run would change something in /);
});

test('a rotation is a changed variable and a click on the job', async () => {
  await landscape.staging.cluster.registry.setPassword(rotated);
  await landscape.staging.pushApp('registry', 'team/rotated:1');
  variables = { ...variables, ...login(rotated) };

  const { code, log } = await pipeline('push', ['rotate staging']);

  assert.equal(code, 0, log);
  await landscape.staging.createPod('team-b', 'rotated', 'registry.example.com/team/rotated:1');
  await landscape.staging.untilPodRuns('team-b', 'rotated');
});

test("the GitLab agent's kubeconfig serves as well as a variable of type File", async () => {
  const file = join(landscape.production.directory, 'agent.kubeconfig');
  await writeFile(file, await agentsKubeconfig(landscape));

  const { code, log } = await pipeline('merge_request_event', ['diff staging'], { KUBECONFIG: file });

  assert.equal(code, 0, log);
});

test('a cluster that is down fails its own job, and the other one is served', async () => {
  const down = fileVariable(await agentsKubeconfig(landscape, { production: 'https://127.0.0.1:1' }));
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
  for (const { name, job = 'apply staging', changed, sentence } of badInput(rotated)) {
    test(name, async () => {
      const before = await objects();

      const ended = await pipeline('push', [job], changed);

      assert.equal(ended.code, 1, ended.log);
      assert.equal(sentences(ended).length, 1, ended.log);
      assert.match(sentences(ended)[0] as string, sentence);
      assert.deepEqual(await objects(), before);
    });
  }

  test('a cluster that refuses the identity', async () => {
    const stale = (await agentsKubeconfig(landscape)).replaceAll(/token: .*/g, 'token: stale');

    const ended = await pipeline('push', ['apply staging'], { KUBECONFIG: fileVariable(stale) });

    assert.match(sentences(ended).join(), /^the cluster staging does not answer: .*(Unauthorized|logged in)/);
  });

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
  assert.equal(await landscape.staging.kubectl('get', 'secrets', '-A', ...byName), '');
});

test('the pipeline of this project installs what it published, by its own helmfile', async () => {
  const changed = { ...variables, CI_REGISTRY_IMAGE: gitlabImage };

  const ended = await landscape.own.pipeline('push', changed, ['apply staging']);

  assert.equal(ended.code, 0, ended.log);
  assertNothingShown(ended);
  assert.match(`${(await objects())[0]}`, /Secret\/image-pull-secret/);
});
