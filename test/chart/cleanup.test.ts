import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { cleanup, componentOf, configText, credentials, existing, one, withEachHelm } from './support.ts';

const core = { apiGroups: [''] };
const policy = ['--api-versions', 'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy'];

withEachHelm('cleanup', (helm) => {
  const template = (values: object) => helm.template({ values: { ...credentials, ...values } });

  test('is a hook before the uninstallation whose reason shows in the error', async () => {
    const job = one(await helm.template(), 'Job', cleanup);

    assert.deepEqual(job.metadata?.annotations, {
      'helm.sh/hook': 'pre-delete',
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
      'helm.sh/hook-output-log-policy': 'hook-failed',
    });
    const [container] = job.spec?.template.spec?.containers ?? [];
    assert.deepEqual(container?.args, ['cleanup']);
    assert.deepEqual(container?.env?.[1], { name: 'PULLSECRET_SYNC_LOG_FORMAT', value: 'text' });
    assert.equal(job.spec?.suspend, undefined);
  });

  test('has a deadline of its own', async () => {
    const job = async (values: object) => one(await template(values), 'Job', cleanup).spec?.activeDeadlineSeconds;

    assert.equal(await job({}), 240);
    assert.equal(await job({ cleanupDeadlineSeconds: 77, activeDeadlineSeconds: 1000 }), 77);
  });

  test('is not there when switched off, nor are its identity and rights, and all else is', async () => {
    const without = await template({ cleanupOnUninstall: false });

    assert.deepEqual(
      without,
      (await helm.template()).filter((each) => componentOf(each) !== cleanup),
    );
  });

  test('is known by names to the job, which it stops', async () => {
    const objects = async (args: string[]) => parse(configText(await helm.template({ args }))).objects;
    const names = { configMap: 'pullsecret-sync', cronJob: 'pullsecret-sync' };

    assert.deepEqual(await objects([]), names);
    assert.deepEqual(await objects(policy), { ...names, admissionPolicyBinding: 'registry-access-pullsecret-sync' });
  });

  test('may remove what the job adds, by name, and stop the release', async () => {
    const manifests = await helm.template({ args: policy });

    assert.deepEqual(one(manifests, 'ClusterRole', cleanup).rules, [
      { ...core, resources: ['namespaces'], verbs: ['list'] },
      {
        ...core,
        resources: ['secrets'],
        resourceNames: ['image-pull-secret'],
        verbs: ['list', 'patch', 'delete'],
      },
      { ...core, resources: ['serviceaccounts'], resourceNames: ['default'], verbs: ['list', 'patch'] },
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['mutatingadmissionpolicybindings'],
        resourceNames: ['registry-access-pullsecret-sync'],
        verbs: ['get', 'delete', 'patch', 'create'],
      },
    ]);
    assert.deepEqual(one(manifests, 'Role', cleanup).rules, [
      { ...core, resources: ['configmaps'], resourceNames: ['pullsecret-sync'], verbs: ['get', 'patch'] },
      { ...core, resources: ['configmaps'], resourceNames: ['pullsecret-sync-status'], verbs: ['get', 'delete'] },
      { apiGroups: ['batch'], resources: ['cronjobs'], resourceNames: ['pullsecret-sync'], verbs: ['get', 'patch'] },
      { apiGroups: ['batch'], resources: ['jobs'], verbs: ['list', 'delete'] },
    ]);
  });

  test('may touch no admission policy where there is none', async () => {
    const { rules } = one(await template({ admissionPolicy: { enabled: false } }), 'ClusterRole', cleanup);

    assert.deepEqual(
      rules?.flatMap(({ apiGroups }) => apiGroups),
      ['', '', ''],
    );
  });

  test('may reach every name that the job may', async () => {
    const manifests = await template({
      previousSecretNames: ['regcred'],
      previousServiceAccounts: ['builder'],
      profiles: { a: { ...existing, secretName: 'a-secret', namespaces: { include: ['a-*'] } } },
    });

    const named = (component?: string) =>
      one(manifests, 'ClusterRole', component)
        .rules?.slice(0, 3)
        .map(({ resourceNames }) => resourceNames);
    assert.deepEqual(named(cleanup), [undefined, ['a-secret', 'image-pull-secret', 'regcred'], ['default', 'builder']]);
    assert.deepEqual(named(cleanup), named());
  });

  test('may patch every ServiceAccount where the job may', async () => {
    const rule = one(await template({ serviceAccounts: { include: ['*'] } }), 'ClusterRole', cleanup).rules?.[2];

    assert.deepEqual(rule, { ...core, resources: ['serviceaccounts'], verbs: ['list', 'patch'] });
  });

  test('has an identity of its own, whose rights nobody else has', async () => {
    const manifests = await helm.template();

    const account = one(manifests, 'ServiceAccount', cleanup);
    assert.equal(account.automountServiceAccountToken, false);
    assert.equal(one(manifests, 'Job', cleanup).spec?.template.spec?.serviceAccountName, account.metadata?.name);
    for (const kind of ['ClusterRole', 'Role'] as const) {
      const binding = one(manifests, `${kind}Binding`, cleanup);
      assert.deepEqual(binding.subjects, [
        { kind: 'ServiceAccount', name: account.metadata?.name, namespace: 'registry-access' },
      ]);
      assert.equal(binding.roleRef.kind, kind);
      assert.equal(binding.roleRef.name, one(manifests, kind, cleanup).metadata?.name);
    }
  });
});
