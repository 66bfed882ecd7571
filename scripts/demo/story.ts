import { createNamespace, type Kubectl, untilNothingPulls, untilReached } from '../cluster/workloads.ts';

/** Where the story plays: a cluster of its own, or one that the person has. */
export interface Stage {
  kubectl: Kubectl;
  /** Runs helmfile with the credentials of now in its environment. */
  helmfile(...args: string[]): Promise<void>;
  /** Private images, as Deployments name them. */
  images: Record<string, string>;
  /**
   * Changes the password in the registries and in the environment, and gives an image that no node has yet. Absent where
   * the registries are not ours to change.
   */
  rotate?: () => Promise<string>;
}

/** One line of the table at the end. */
export interface Chapter {
  step: string;
  result: string;
  seconds: number;
}

const secretName = 'image-pull-secret';
const teams = ['demo-billing', 'demo-search', 'demo-shop'];
const newcomer = 'demo-newcomer';
const outsider = 'demo-outsider';

/** All namespaces that the story makes. */
export const demoNamespaces = [...teams, newcomer, outsider];

/**
 * Plays the story and tells each step as it happens.
 *
 * @throws an Error where something does not happen as told
 */
export async function playStory(stage: Stage, tell: (line: string) => void): Promise<Chapter[]> {
  const { kubectl, helmfile, images } = stage;
  const chapters: Chapter[] = [];
  const chapter = async (step: string, result: string, play: () => Promise<void>) => {
    tell(`\n${step}`);
    const started = performance.now();
    await play();
    tell(`  ${result}`);
    chapters.push({ step, result, seconds: (performance.now() - started) / 1000 });
  };

  await chapter('Three teams deploy private images', 'every pod is in ImagePullBackOff', async () => {
    for (const team of teams) await createNamespace(kubectl, team);
    for (const team of teams) await deploy(kubectl, team, images);
    for (const team of teams) await untilNothingPulls(kubectl, team, ['ImagePullBackOff']);
  });
  await chapter('helmfile installs the chart, credentials from the environment', 'every Deployment runs', async () => {
    await helmfile('sync');
    for (const team of teams) await kubectl('rollout', 'restart', 'deployment', '-n', team);
    for (const team of teams) await untilRolledOut(kubectl, team);
  });
  await chapter('A namespace that is new', 'the next scheduled run reaches it; its Deployment runs', async () => {
    await createNamespace(kubectl, newcomer);
    await untilReached(kubectl, newcomer, secretName);
    await deploy(kubectl, newcomer, images);
    await untilRolledOut(kubectl, newcomer);
  });
  const { rotate } = stage;
  if (rotate) {
    await chapter(
      'The password changes in the registry and in the environment',
      'a pod that pulls anew can',
      async () => {
        const image = await rotate();
        await helmfile('sync');
        await deploy(kubectl, newcomer, { rotated: image });
        await untilRolledOut(kubectl, newcomer);
      },
    );
  }
  await chapter('A namespace that is excluded', 'its pods do not run, though the images are on the node', async () => {
    await createNamespace(kubectl, outsider, { 'pullsecret-sync.io/exclude': 'true' });
    await helmfile('sync');
    await deploy(kubectl, outsider, images);
    await untilNothingPulls(kubectl, outsider);
  });
  return chapters;
}

async function deploy(kubectl: Kubectl, namespace: string, images: Record<string, string>): Promise<void> {
  for (const [name, image] of Object.entries(images)) {
    await kubectl('create', 'deployment', name, '-n', namespace, '--image', image);
  }
}

async function untilRolledOut(kubectl: Kubectl, namespace: string): Promise<void> {
  const names = (await kubectl('get', 'deployments', '-n', namespace, '-o', 'name')).split('\n').filter(Boolean);
  for (const name of names) await kubectl('rollout', 'status', name, '-n', namespace, '--timeout=120s');
}
