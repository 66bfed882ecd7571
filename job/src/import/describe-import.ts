import { namespacesOf } from './content-groups.ts';
import { expectedConflicts, type SecretsByName } from './expected-conflicts.ts';
import type { Finding, ImportDescription, ImportedTarget } from './import-description.ts';
import type { ImportInput } from './import-input.ts';
import { type TargetOfSecrets, targetsOf } from './imported-targets.ts';
import { namesToImport, secretPlace } from './names-to-import.ts';
import { tellable } from './pull-secret.ts';
import { surroundingsOf } from './surroundings.ts';
import { uniqueKeys } from './value-keys.ts';

/** What is in a cluster, as targets that would manage it. A pure function. */
export function describeImport(given: ImportInput): ImportDescription {
  const secrets = given.secrets.map((secret) => tellable(secret, given.mask));
  const input = { ...given, secrets };
  const surroundings = surroundingsOf(input.namespaces, input.serviceAccounts);
  const inside = new Set(surroundings.namespaces.map(({ name }) => name));
  const byName: SecretsByName = Map.groupBy(
    secrets.filter(({ record }) => inside.has(record.namespace)),
    ({ record }) => record.name,
  );
  const { names, leftOut } = namesToImport(input);
  const unique = uniqueKeys(['default']);
  const found: TargetOfSecrets[] = [];
  const unreadable: Finding[] = [];
  for (const name of names) {
    // The first target of all is the top-level values, which have no key.
    const sameName = byName.get(name) ?? [];
    const targets = targetsOf(name, sameName, input, surroundings, (text) =>
      found.length === 0 && text === name ? '' : unique(text),
    );
    found.push(...targets);
    if (targets.length === 0) {
      const places = sameName.map(({ record }) => secretPlace(record));
      unreadable.push({ what: 'names no registry, so nothing is known of what it was for', places });
    }
  }
  const targets = found.map((one, index) => withTwins(one, found.slice(0, index)));
  return {
    targets,
    findings: expectedConflicts(targets, byName, input.patchers, surroundings),
    leftOut: [...leftOut, ...unreadable],
  };
}

/** One name may have followed another: that is for a person to know. */
function withTwins({ target, group }: TargetOfSecrets, earlier: readonly TargetOfSecrets[]): ImportedTarget {
  const places = namespacesOf(group.secrets).join();
  const twin = earlier.find(
    (other) =>
      other.target.secretName !== target.secretName &&
      other.group.identity === group.identity &&
      namespacesOf(other.group.secrets).join() === places,
  );
  if (!twin) return target;
  const { secretName } = twin.target;
  const remark =
    `The same logins in the same namespaces as ${secretName}. Where one name followed the other, the old one is a candidate ` +
    `for previousSecretNames: install once as it stands here, so that this release has taken it over, and then move it there. ` +
    `References that were there before the job stay: take them out by hand.`;
  return { ...target, remarks: { ...target.remarks, target: [...target.remarks.target, remark] } };
}
