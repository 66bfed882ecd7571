import assert from 'node:assert/strict';
import type { V1ClusterRole, V1ClusterRoleBinding, V1Role, V1RoleBinding } from '@kubernetes/client-node';
import { type Right, rightsOfRule } from '../support/rights.ts';
import type { Manifest } from './support.ts';

type Role = (V1Role | V1ClusterRole) & { kind: string };
type Binding = (V1RoleBinding | V1ClusterRoleBinding) & { kind: string };

/** What the roles of a release grant to whom: by ServiceAccount. Everybody else has to get nothing. */
export function grantedRights(manifests: Manifest[]): Record<string, Set<Right>> {
  const roles = manifests.filter((each): each is Manifest & Role => /^(Cluster)?Role$/.test(each.kind));
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
        ...(role.rules ?? []).flatMap(rightsOfRule).map((right) => `${right} ${namespace}`),
      ];
    }
  }
  return Object.fromEntries(Object.entries(granted).map(([name, rights]) => [name, new Set(rights)]));
}
