import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { KubernetesObject, V1Job } from '@kubernetes/client-node';
import { until } from '../../scripts/until.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { applyAs, drift, isHook, objectsIn, rendered } from './gitops.ts';
import { type TestRelease, testRelease, workingChart } from './release.ts';
import { registryValues, secretName, startTestCluster, type TestCluster } from './support.ts';

let cluster: TestCluster;
const values = {
  ...registryValues(),
  existingSecrets: ['from-vault'],
  networkPolicy: { enabled: true },
  dashboard: { enabled: true },
};

before(async () => {
  cluster = await startTestCluster();
});
after(() => cluster[Symbol.asyncDispose]());

for (const { name, manager, more } of [
  { name: 'Argo CD, which runs the hooks itself', manager: 'argocd-controller', more: {} },
  { name: 'Argo CD, with plain Jobs', manager: 'argocd-controller', more: { helmHooks: false } },
  { name: 'the kustomize-controller of Flux', manager: 'kustomize-controller', more: { helmHooks: false } },
]) {
  const id = name.replaceAll(/\W+/g, '-').toLowerCase();

  suite(name, () => {
    let release: TestRelease;
    let objects: KubernetesObject[];

    before(async () => {
      release = await releaseIn(id);
      objects = (await rendered(release, valuesOf(id, more))).filter((object) => !isHook(object));
      await applyAs(cluster, manager, objects);
    });

    test('sees no drift in its first moment', async () => {
      assert.deepEqual(await drift(cluster, manager, objects), []);
    });

    test('sees no drift and meets no conflict after runs', async () => {
      await useRelease(release, id);

      assert.deepEqual(await drift(cluster, manager, objects), []);
    });

    test('takes nothing that the job made for its own', async () => {
      const made = await cluster.list<KubernetesObject>('secrets,configmaps', '-A', '-l', managedByUs);

      assert.ok(made.some(({ metadata }) => metadata?.name === secretName));
      assert.ok(made.some(({ metadata }) => metadata?.name === 'pullsecret-sync-status'));
      for (const { metadata } of made) {
        const marks = Object.keys({ ...metadata?.labels, ...metadata?.annotations });
        assert.deepEqual(
          marks.filter((mark) => /argocd|fluxcd|kubernetes\.io\/instance/.test(mark)),
          [],
        );
      }
    });

    test('would start again what a cleanup has stopped', async () => {
      const { code, output } = await release.job(['cleanup'], 'pullsecret-sync-cleanup');

      assert.equal(code, 0, output);
      assert.deepEqual(await drift(cluster, manager, objects, ['--force-conflicts']), [
        'CronJob pullsecret-sync/spec/suspend',
        `MutatingAdmissionPolicyBinding ${id}-pullsecret-sync`,
      ]);
    });
  });
}

test('a cleanup that is a plain Job is suspended, and starts when somebody resumes it', async () => {
  const release = await releaseIn('plain-cleanup');
  await applyAs(cluster, 'kustomize-controller', await rendered(release, { ...values, helmHooks: false }));
  const ofCleanup = ['-n', release.namespace, '-l', 'app.kubernetes.io/component=cleanup'];
  const [job] = await cluster.list<V1Job>('jobs', ...ofCleanup);
  const name = job?.metadata?.name ?? '';

  assert.equal(job?.spec?.suspend, true);
  await cluster.kubectl(['patch', `job/${name}`, '-n', release.namespace, '--type=merge', '-p', resumed]);
  await until(
    'its pod is made',
    async () => (await cluster.list('pods', '-n', release.namespace, '-l', `job-name=${name}`)).length > 0,
  );
});

suite('the helm-controller of Flux, which runs the code of Helm', () => {
  const id = 'helm-controller';
  let release: TestRelease;
  let objects: KubernetesObject[];

  before(async () => {
    release = await releaseIn(id);
    await release.upgrade(workingChart, valuesOf(id, { runOnInstall: { enabled: false }, verifyCredentials: 'off' }));
    objects = await manifest();
  });

  test('sees no drift and meets no conflict after runs', async () => {
    await useRelease(release, id);

    // Helm marks what it applies, and so does the controller before it compares.
    const marks = { 'meta.helm.sh/release-name': 'pullsecret-sync', 'meta.helm.sh/release-namespace': id };
    const marked = objects.map(({ metadata, ...rest }) => ({
      ...rest,
      metadata: { ...metadata, annotations: { ...metadata?.annotations, ...marks } },
    }));
    assert.deepEqual(await drift(cluster, 'helm', marked), []);
  });

  test('upgrades after runs without a conflict', async () => {
    await release.helm(['upgrade', 'pullsecret-sync', workingChart, '--reuse-values', '--set', 'concurrency=8']);

    const { code, output } = await release.job(['sync']);
    assert.equal(code, 0, output);
  });

  test('hands its release to another tool without a conflict', async () => {
    assert.deepEqual(await drift(cluster, 'argocd-controller', await manifest()), []);
  });

  async function manifest(): Promise<KubernetesObject[]> {
    return objectsIn(await release.helm(['get', 'manifest', 'pullsecret-sync']));
  }
});

suite('rendering without a cluster', () => {
  test('gives the same twice', async () => {
    const release = testRelease(cluster, { namespace: 'anywhere' });

    assert.deepEqual(await rendered(release, values), await rendered(release, values));
  });

  test('knows of the policies where the tool says that the cluster serves them', async () => {
    const release = testRelease(cluster, { namespace: 'anywhere' });
    const policies = (objects: KubernetesObject[]) => objects.filter(({ kind }) => /Admission/.test(kind ?? '')).length;

    // The admission policy and the three parts of the guard, each with its binding.
    assert.equal(policies(await rendered(release, values)), 8);
    assert.equal(policies(await rendered(release, values, ['--kube-version', '1.37.2'])), 0);
  });

  test('names plain Jobs by their content, since the revision is always the first', async () => {
    const release = testRelease(cluster, { namespace: 'anywhere' });
    const jobs = async (more: object) =>
      (await rendered(release, { ...values, helmHooks: false, ...more }))
        .filter(({ kind }) => kind === 'Job')
        .map(({ metadata }) => metadata?.name);

    assert.deepEqual(await jobs({}), await jobs({ concurrency: 8 }));
    assert.notDeepEqual(await jobs({}), await jobs({ image: { tag: 'next' } }));
  });
});

const resumed = '{"spec":{"suspend":false}}';
const managedByUs = 'app.kubernetes.io/managed-by=pullsecret-sync';

async function releaseIn(namespace: string): Promise<TestRelease> {
  await cluster.createNamespaces(namespace, `${namespace}-team`);
  const login = [
    '--docker-server=vault.example.com',
    '--docker-username=a',
    `--docker-password=${uniquePassword('vault')}`,
  ];
  await cluster.kubectl(['create', 'secret', 'docker-registry', 'from-vault', '-n', namespace, ...login]);
  return testRelease(cluster, { namespace });
}

function valuesOf(id: string, more: object): object {
  return { ...values, namespaces: { include: [`${id}-team`] }, ...more };
}

/** All that changes at a release while it is used: runs, the schedule, the mark of a cleanup that failed. */
async function useRelease(release: TestRelease, namespace: string): Promise<void> {
  const where = ['-n', namespace, 'pullsecret-sync'];
  for (const _ of ['first', 'second']) {
    const { code, output } = await release.job(['sync']);
    assert.equal(code, 0, output);
  }
  const status = JSON.stringify({ status: { lastScheduleTime: '2026-01-01T00:00:00Z' } });
  await cluster.kubectl(['patch', 'cronjob', ...where, '--subresource=status', '--type=merge', '-p', status]);
  const mark = 'pullsecret-sync.io/stand-still-until=2020-01-01T00:00:00Z';
  await cluster.kubectl(['annotate', 'configmap', ...where, '--field-manager=pullsecret-sync', mark]);
}
