import type { PullSecret } from './pull-secret.ts';

/** Secrets of one name that hold the same logins, and so can be one target. */
export interface ContentGroup {
  secrets: PullSecret[];
  hosts: string[];
  /** In memory only. */
  identity: string;
}

/**
 * The Secrets of one name by their content, the largest group first. What holds nothing that can be compared joins that
 * one: it is to have what most have. No group where nothing names a registry.
 */
export function groupsByContent(secrets: readonly PullSecret[]): ContentGroup[] {
  const groups = [...Map.groupBy(secrets, ({ identity }) => identity)]
    .flatMap(([identity, same]) =>
      identity === undefined ? [] : [{ identity, secrets: same, hosts: (same[0] as PullSecret).hosts }],
    )
    .toSorted((a, b) => b.secrets.length - a.secrets.length || compare(firstPlace(a), firstPlace(b)));
  const [first, ...others] = groups;
  if (!first) return [];
  const unreadable = secrets.filter(({ identity }) => identity === undefined);
  return [{ ...first, secrets: [...first.secrets, ...unreadable] }, ...others];
}

/** The namespaces of a group, in order. */
export function namespacesOf(secrets: readonly PullSecret[]): string[] {
  return secrets.map(({ record }) => record.namespace).toSorted();
}

function firstPlace({ secrets }: ContentGroup): string {
  return namespacesOf(secrets)[0] as string;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : 1;
}
