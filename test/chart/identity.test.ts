import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanup, credentials, has, one, podTemplates, withEachHelm } from './support.ts';

withEachHelm('identity', (helm) => {
  const template = (values: object) => helm.template({ values: { ...credentials, ...values } });

  test('takes the name it is told, in the bindings and in the pods', async () => {
    const manifests = await template({ serviceAccount: { name: 'own' } });

    assert.equal(one(manifests, 'ServiceAccount').metadata?.name, 'own');
    assert.equal(one(manifests, 'RoleBinding').subjects?.[0]?.name, 'own');
    assert.equal(one(manifests, 'ClusterRoleBinding').subjects?.[0]?.name, 'own');
    const accounts = podTemplates(manifests).map(({ spec }) => spec?.serviceAccountName);
    assert.deepEqual(accounts, ['own', 'own', 'pullsecret-sync-cleanup']);
    assert.equal(one(manifests, 'Pod').spec?.serviceAccountName, 'own');
  });

  test('is used and not made where it is there, and the cleanup keeps its own', async () => {
    const made = await template({ serviceAccount: { name: 'own' } });
    const there = await template({ serviceAccount: { create: false, name: 'own' } });

    assert.deepEqual(
      there,
      made.filter(({ kind, metadata }) => kind !== 'ServiceAccount' || metadata?.name !== 'own'),
    );
    assert.equal(has(there, 'ServiceAccount', cleanup), true);
  });

  test('has annotations where they are given, and none otherwise', async () => {
    const annotations = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/pull' };

    const account = async (values: object) => one(await template(values), 'ServiceAccount').metadata;
    assert.deepEqual((await account({ serviceAccount: { annotations } }))?.annotations, annotations);
    assert.equal((await account({}))?.annotations, undefined);
  });

  test('is granted nothing where somebody else does it, and all else is the same', async () => {
    assert.deepEqual(
      await template({ rbac: { create: false } }),
      (await helm.template()).filter(({ kind }) => !/Role(Binding)?$/.test(kind)),
    );
  });
});
