import type { Cluster } from '../cluster/cluster.ts';
import { jobImage } from '../cluster/job-image.ts';
import { ownAccess, type Programs, programsFor } from './programs.ts';
import { demoNamespaces, releaseNamespace, type Stage } from './story.ts';

/** The password at both registries of the demo's own cluster, until it is changed. It breaks whatever is not careful. */
export const firstPassword = 's3cr3t,p@ss"w\\ord';

/** A cluster of the demo's own, with two private registries that it can change. */
export async function ownStage({ controlPlane, node, registry, dockerHub }: Cluster): Promise<Stage> {
  let password = firstPassword;
  const { kubectl, helmfile } = await programsFor(ownAccess(controlPlane.kubeconfig, controlPlane.directory));
  await registry.push(node.pauseArchive, 'team/api:1');
  await dockerHub.push(node.pauseArchive, 'team/web:1');
  return {
    kubectl,
    images: { api: 'registry.example.com/team/api:1', web: 'docker.io/team/web:1' },
    async install() {
      const auth = Buffer.from(`robot:${password}`).toString('base64');
      const auths = { 'registry.example.com': { auth }, 'https://index.docker.io/v1/': { auth } };
      // Its pods have no DNS, so no login could be tried.
      const off = ['--set', 'verifyCredentials=off'];
      await helmfile(['sync', ...off], {
        DOCKER_AUTH_CONFIG: JSON.stringify({ auths }),
        PULLSECRET_SYNC_IMAGE: jobImage,
      });
    },
    async rotate() {
      password = 'r0tated,p@ss"w\\ord';
      await Promise.all([registry.setPassword(password), dockerHub.setPassword(password)]);
      await registry.push(node.pauseArchive, 'team/api:2');
      return 'registry.example.com/team/api:2';
    },
  };
}

/**
 * A cluster that the person has and names. Nothing but the demo's own namespaces is selected, and it starts only where
 * none of them, and no release of ours, is there already.
 *
 * @param images private images of the registry that the environment holds credentials for
 */
export async function foreignStage({ kubectl, helmfile }: Programs, images: Record<string, string>): Promise<Stage> {
  const names = (await kubectl('get', 'namespaces', '-o', 'name')).split('\n');
  const taken = [releaseNamespace, ...demoNamespaces].filter((name) => names.includes(`namespace/${name}`));
  if (taken.length > 0) {
    throw new Error(
      `the cluster has the namespaces ${taken.join(', ')} already: the demo does not touch what it did not make`,
    );
  }
  const releases = await kubectl(
    ...['get', 'cronjobs', '--all-namespaces', '-l', 'app.kubernetes.io/name=pullsecret-sync'],
    ...['-o', 'jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name} {end}'],
  );
  if (releases.trim() !== '') {
    throw new Error(
      `the cluster has pullsecret-sync already (${releases.trim()}): two releases would both want the demo's namespaces`,
    );
  }
  const only = ['--set', `namespaces.include={${demoNamespaces.join(',')}}`];
  return { kubectl, images, install: () => helmfile(['sync', ...only]) };
}
