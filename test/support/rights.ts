import assert from 'node:assert/strict';
import type { V1PolicyRule } from '@kubernetes/client-node';

/** `<verb> <resource> <name> <namespace>`. `*` is any name, and every namespace. */
export type Right = string;

/** What a rule grants, each right but for its namespace. */
export function rightsOfRule({ verbs, apiGroups = [], resources = [], resourceNames = ['*'] }: V1PolicyRule): string[] {
  for (const one of [...verbs, ...apiGroups, ...resources]) assert.notEqual(one, '*', 'a role grants all of something');
  return verbs.flatMap((verb) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        resourceNames.map((name) => `${verb} ${group === '' ? resource : `${resource}.${group}`} ${name}`),
      ),
    ),
  );
}
