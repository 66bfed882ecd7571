import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1ClusterRole } from '@kubernetes/client-node';
import { grantedRights } from './granted-rights.ts';
import type { Manifest } from './support.ts';

const rule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };

/** A release with that role, which one ServiceAccount has. */
function releaseWith({ metadata, ...role }: Partial<V1ClusterRole>): Manifest[] {
  const subject = { kind: 'ServiceAccount', name: 'job', namespace: 'registry-access' };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'role' };
  return [
    { kind: 'ClusterRole', metadata: { ...metadata, name: 'role' }, ...role },
    { kind: 'ClusterRoleBinding', metadata: { name: 'binding' }, roleRef, subjects: [subject] },
  ] as Manifest[];
}

const unseen: Array<[what: string, role: Partial<V1ClusterRole>, told: RegExp]> = [
  ['paths', { rules: [{ verbs: ['get'], nonResourceURLs: ['/metrics'] }] }, /grants paths/],
  ['the rules of other roles', { aggregationRule: { clusterRoleSelectors: [] } }, /has the rules of other roles/],
  [
    'its rules to whoever may edit',
    { rules: [rule], metadata: { labels: { 'rbac.authorization.k8s.io/aggregate-to-edit': 'true' } } },
    /are in other roles/,
  ],
  ['every verb', { rules: [{ ...rule, verbs: ['*'] }] }, /all of something/],
  ['nothing', { rules: [{ ...rule, resources: [] }] }, /lacks verbs, groups or resources/],
];

for (const [what, role, told] of unseen) {
  test(`a role that grants ${what} fails what compares roles with tables, bound or not`, () => {
    const [one, binding] = releaseWith(role) as [Manifest, Manifest];

    assert.throws(() => grantedRights([one, binding]), told);
    assert.throws(() => grantedRights([one]), told);
  });
}

test('a role that names no objects grants all', () => {
  const wanted = { job: new Set(['get pods * *']) };

  assert.deepEqual(grantedRights(releaseWith({ rules: [rule] })), wanted);
  assert.deepEqual(grantedRights(releaseWith({ rules: [{ ...rule, resourceNames: [] }] })), wanted);
});
