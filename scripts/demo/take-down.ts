import type { Programs } from './programs.ts';
import { demoNamespaces, releaseNamespace } from './story.ts';

/**
 * Removes the release and the namespaces, which take the copies with them. Where the release does not go its namespace
 * stays, since Helm could not remove the rest without what it keeps there.
 *
 * @returns what could not be removed, each in one sentence
 */
export async function takeDown({ helmfile, kubectl }: Programs): Promise<string[]> {
  const failures: string[] = [];
  const attempt = async (work: Promise<unknown>) => {
    try {
      await work;
    } catch (error) {
      failures.push((error as Error).message);
    }
  };
  await attempt(helmfile(['destroy']));
  const namespaces = failures.length === 0 ? [releaseNamespace, ...demoNamespaces] : demoNamespaces;
  await attempt(kubectl('delete', 'namespace', ...namespaces, '--ignore-not-found'));
  return failures;
}

/** The commands that remove by hand what the demo left on a cluster. */
export function removalCommands(context: string): string[] {
  return [
    `helm uninstall pullsecret-sync --namespace ${releaseNamespace} --kube-context ${context}`,
    `kubectl --context ${context} delete namespace ${[releaseNamespace, ...demoNamespaces].join(' ')} --ignore-not-found`,
  ];
}
