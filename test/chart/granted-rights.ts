import assert from 'node:assert/strict';
import type { V1ClusterRole, V1ClusterRoleBinding, V1Role, V1RoleBinding } from '@kubernetes/client-node';
import { type Right, rightsOfRule } from '../support/rights.ts';
import type { Manifest } from './support.ts';

type Role = (V1Role | V1ClusterRole) & { kind: string };
type Binding = (V1RoleBinding | V1ClusterRoleBinding) & { kind: string };

/** With labels that begin so, a role's rules become part of others: of those that Kubernetes gives to people. */
const aggregateTo = 'rbac.authorization.k8s.io/aggregate-to-';

/**
 * What the roles of a release grant to whom: by ServiceAccount. Everybody else has to get nothing.
 *
 * @throws where a role grants something in a way that cannot be told from it and its bindings, bound or not
 */
export function grantedRights(manifests: Manifest[]): Record<string, Set<Right>> {
  const roles = manifests.filter((each): each is Manifest & Role => /^(Cluster)?Role$/.test(each.kind));
  const rightsOf = new Map(roles.map((role) => [role, rightsOfRole(role)]));
  const bindings = manifests.filter((each): each is Manifest & Binding => /^(Cluster)?RoleBinding$/.test(each.kind));
  const granted: Record<string, Right[]> = {};
  for (const { kind, roleRef, subjects = [], metadata } of bindings) {
    const role = roles.find((one) => one.kind === roleRef.kind && one.metadata?.name === roleRef.name);
    assert.ok(role, `${metadata?.name} binds ${roleRef.kind} ${roleRef.name}, which is not in the release`);
    const namespace = kind === 'ClusterRoleBinding' ? '*' : metadata?.namespace;
    for (const subject of subjects) {
      assert.deepEqual([subject.kind, subject.namespace], ['ServiceAccount', 'registry-access']);
      granted[subject.name] = [
        ...(granted[subject.name] ?? []),
        ...(rightsOf.get(role) ?? []).map((right) => `${right} ${namespace}`),
      ];
    }
  }
  return Object.fromEntries(Object.entries(granted).map(([name, rights]) => [name, new Set(rights)]));
}

function rightsOfRole(role: Role): string[] {
  const { name, labels = {} } = role.metadata ?? {};
  assert.ok(!('aggregationRule' in role), `${name} has the rules of other roles`);
  const isPartOfOthers = Object.keys(labels).some((label) => label.startsWith(aggregateTo));
  assert.ok(!isPartOfOthers, `the rules of ${name} are in other roles, too`);
  return (role.rules ?? []).flatMap(rightsOfRule);
}
