import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1PolicyRule } from '@kubernetes/client-node';
import { eventName, eventReasons } from '../../job/src/report/namespace-events.ts';
import { documented } from '../support/page.ts';
import { valuesText } from '../support/values.ts';
import { chart, cleanup, credentials, existing, one, parseManifests, withEachHelm } from './support.ts';

withEachHelm('rights', (helm) => {
  test('in the cluster are the smallest for one Secret name and one ServiceAccount name', async () => {
    const { rules } = one(await helm.template(), 'ClusterRole');

    assert.deepEqual(rules, [
      { apiGroups: [''], resources: ['namespaces'], verbs: ['list'] },
      {
        apiGroups: [''],
        resources: ['secrets'],
        resourceNames: ['image-pull-secret'],
        verbs: ['create', 'patch', 'list', 'delete'],
      },
      {
        apiGroups: [''],
        resources: ['serviceaccounts'],
        resourceNames: ['default'],
        verbs: ['list', 'patch'],
      },
      {
        apiGroups: ['events.k8s.io'],
        resources: ['events'],
        resourceNames: [
          'secretkept.registry-access.pullsecret-sync.image-pull-secret',
          'listdeclaredelsewhere.registry-access.pullsecret-sync.image-pull-secret',
          'referencedeclaredelsewhere.registry-access.pullsecret-sync.image-pull-secret',
          'copychanged.registry-access.pullsecret-sync.image-pull-secret',
          'failed.registry-access.pullsecret-sync.image-pull-secret',
        ],
        verbs: ['get', 'create', 'patch', 'delete'],
      },
    ]);
  });

  test('in the release namespace are the sources, the configuration and the status, each by name', async () => {
    const values = { ...credentials, existingSecrets: ['team', 'common'] };

    const role = one(await helm.template({ values }), 'Role');

    assert.equal(role.metadata?.namespace, 'registry-access');
    assert.deepEqual(role.rules, [
      {
        apiGroups: [''],
        resources: ['secrets'],
        resourceNames: ['team', 'common', 'pullsecret-sync-source'],
        verbs: ['get'],
      },
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['pullsecret-sync'], verbs: ['get'] },
      {
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: ['pullsecret-sync-status'],
        verbs: ['create', 'patch', 'get'],
      },
    ]);
  });

  test('do not name a source Secret that the chart does not make', async () => {
    const [secrets] = one(await helm.template({ values: existing }), 'Role').rules ?? [];

    assert.deepEqual(secrets?.resourceNames, ['team-credentials']);
  });

  test('follow the name of the copy', async () => {
    const manifests = await helm.template({ values: { ...credentials, secretName: 'regcred' } });

    assert.deepEqual(one(manifests, 'ClusterRole').rules?.[1]?.resourceNames, ['regcred']);
  });

  test('name the ServiceAccounts where they are exact', async () => {
    const values = { ...credentials, serviceAccounts: { include: ['default', 'builder', 'default'] } };

    const rule = one(await helm.template({ values }), 'ClusterRole').rules?.[2];

    assert.deepEqual(rule?.resourceNames, ['default', 'builder']);
  });

  test('stay on names that were used before, which the undo needs', async () => {
    const values = {
      ...credentials,
      previousSecretNames: ['regcred'],
      previousServiceAccounts: ['builder', 'default'],
    };

    const { rules } = one(await helm.template({ values }), 'ClusterRole');

    assert.deepEqual(rules?.[1]?.resourceNames, ['image-pull-secret', 'regcred']);
    assert.deepEqual(rules?.[2]?.resourceNames, ['default', 'builder']);
  });

  for (const glob of ['*', 'build?r', 'team-*']) {
    test(`cover all ServiceAccounts where one is the glob ${glob}`, async () => {
      const values = { ...credentials, serviceAccounts: { include: ['default', glob] } };

      const rule = one(await helm.template({ values }), 'ClusterRole').rules?.[2];

      assert.deepEqual(rule, { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['list', 'patch'] });
    });
  }

  test('cover all ServiceAccounts where a glob was used before, which the undo needs', async () => {
    const values = { ...credentials, previousServiceAccounts: ['*'] };

    const rule = one(await helm.template({ values }), 'ClusterRole').rules?.[2];

    assert.deepEqual(rule, { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['list', 'patch'] });
  });

  test('to write Events are by the names that the job gives them, however long they are, for every copy', async () => {
    const secretName = `${'long-'.repeat(43)}name`;
    const values = { ...credentials, secretName, previousSecretNames: ['regcred'] };

    const { rules } = one(await helm.template({ values }), 'ClusterRole');

    const names = rules?.find(({ resources }) => resources?.includes('events'))?.resourceNames;
    const release = { namespace: 'registry-access', name: 'pullsecret-sync' };
    const expected = [secretName, 'regcred'].flatMap((name) =>
      eventReasons.map((reason) => eventName(release, name, reason)),
    );
    assert.deepEqual(names, expected);
  });

  test('to write Events are there only where the job writes them', async () => {
    const { rules } = one(
      await helm.template({ values: { ...credentials, events: { enabled: false } } }),
      'ClusterRole',
    );

    assert.equal(
      rules?.find(({ resources }) => resources?.includes('events')),
      undefined,
    );
  });

  test('to list and evict pods are there where stuck ones are recreated, and nowhere else', async () => {
    const values = { ...credentials, recreateStuckPods: { enabled: true } };
    const onPods = (rules: V1PolicyRule[] = []) =>
      rules.filter(({ resources = [] }) => resources.some((resource) => resource.startsWith('pods')));

    const [on, off] = await Promise.all([helm.template({ values }), helm.template()]);

    assert.deepEqual(onPods(one(on, 'ClusterRole').rules), [
      { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
      { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
    ]);
    assert.deepEqual(onPods(one(off, 'ClusterRole').rules), []);
  });

  test("go to the job's ServiceAccount and to nobody else", async () => {
    const manifests = await helm.template();

    const account = one(manifests, 'ServiceAccount').metadata;
    for (const kind of ['ClusterRole', 'Role'] as const) {
      const binding = one(manifests, `${kind}Binding`);
      assert.deepEqual(binding.subjects, [
        { kind: 'ServiceAccount', name: account?.name, namespace: account?.namespace },
      ]);
      assert.deepEqual(binding.roleRef, {
        apiGroup: 'rbac.authorization.k8s.io',
        kind,
        name: one(manifests, kind).metadata?.name,
      });
    }
  });

  test("are printed by the command of the chart's README, for whoever grants them", async () => {
    const values = { ...existing, rbac: { create: false }, follow: { enabled: true } };
    const places: Record<string, string> = { CHART: chart, 'values.yaml': '-' };
    const [, ...words] = documented('chart/README.md', 'Rights').replaceAll('\\\n', ' ').trim().split(/ +/);

    const { stdout } = await helm.run(
      words.map((word) => places[word] ?? word),
      valuesText(values),
    );

    const printed = parseManifests(stdout);
    const args = ['--api-versions', 'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy'];
    const granted = await helm.template({ values: { ...values, rbac: { create: true } }, args });
    assert.equal(printed.length, 4);
    for (const kind of ['ClusterRole', 'Role'] as const)
      for (const component of [undefined, cleanup])
        assert.deepEqual(one(printed, kind, component), one(granted, kind, component));
  });

  test("put no token into pods that merely use the job's ServiceAccount", async () => {
    assert.equal(one(await helm.template(), 'ServiceAccount').automountServiceAccountToken, false);
  });
});
