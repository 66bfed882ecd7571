import assert from 'node:assert/strict';
import type { V1PolicyRule } from '@kubernetes/client-node';

/** `<verb> <resource> <name> <namespace>`. `*` is any name, and every namespace. */
export type Right = string;

/** What a rule grants, each right but for its namespace. */
export function rightsOfRule(rule: V1PolicyRule): string[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  assert.deepEqual(nonResourceURLs, [], 'a role grants paths, and no table has them');
  for (const part of [verbs, apiGroups, resources]) {
    assert.notEqual(part.length, 0, 'a rule lacks verbs, groups or resources');
    assert.ok(!part.includes('*'), 'a role grants all of something');
  }
  // To name none is to grant all.
  const names = resourceNames.length > 0 ? resourceNames : ['*'];
  return verbs.flatMap((verb) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        names.map((name) => `${verb} ${group === '' ? resource : `${resource}.${group}`} ${name}`),
      ),
    ),
  );
}
