import { createNamespace, type Kubectl, untilNothingPulls, untilReached } from '../cluster/workloads.ts';

/** Where the story plays: a cluster of its own, or one that the person has. */
export interface Stage {
  kubectl: Kubectl;
  /** Installs or upgrades the release with the credentials of now. */
  install(): Promise<void>;
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

export interface Story {
  /** What happened as told. */
  chapters: Chapter[];
  /** The chapter that did not, and why, in one sentence. */
  failure?: string;
}

export const releaseNamespace = 'registry-access';
const secretName = 'image-pull-secret';
const teams = ['demo-billing', 'demo-search', 'demo-shop'];
const newcomer = 'demo-newcomer';
const outsider = 'demo-outsider';

/** All namespaces that the story makes. */
export const demoNamespaces = [...teams, newcomer, outsider];

/** Plays the story and tells each step as it happens. It ends with the first that does not happen as told. */
export async function playStory(stage: Stage, tell: (line: string) => void): Promise<Story> {
  const chapters: Chapter[] = [];
  for (const { step, result, play } of chaptersOf(stage)) {
    tell(`\n${step}`);
    const started = performance.now();
    try {
      await play();
    } catch (error) {
      return { chapters, failure: `${step}: ${(error as Error).message}` };
    }
    tell(`  ${result}`);
    chapters.push({ step, result, seconds: (performance.now() - started) / 1000 });
  }
  return { chapters };
}

function chaptersOf({ kubectl, install, images, rotate }: Stage) {
  return [
    {
      step: 'Three teams deploy private images',
      result: 'every pod is in ImagePullBackOff',
      async play() {
        for (const team of teams) await createNamespace(kubectl, team);
        for (const team of teams) await deploy(kubectl, team, images);
        for (const team of teams) await untilNothingPulls(kubectl, team, ['ImagePullBackOff']);
      },
    },
    {
      step: 'helmfile installs the chart, credentials from the environment',
      result: 'every Deployment runs',
      async play() {
        await install();
        for (const team of teams) await kubectl('rollout', 'restart', 'deployment', '-n', team);
        for (const team of teams) await untilRolledOut(kubectl, team);
      },
    },
    {
      step: 'A namespace that is new',
      result: 'the next scheduled run reaches it; its Deployment runs',
      async play() {
        await createNamespace(kubectl, newcomer);
        await untilReached(kubectl, newcomer, secretName);
        await deploy(kubectl, newcomer, images);
        await untilRolledOut(kubectl, newcomer);
      },
    },
    {
      step: 'The password changes in the registry and in the environment',
      result: rotate ? 'a pod that pulls anew can' : 'left out: the registry is not ours to change',
      async play() {
        if (!rotate) return;
        const image = await rotate();
        await install();
        await deploy(kubectl, newcomer, { rotated: image });
        await untilRolledOut(kubectl, newcomer);
      },
    },
    {
      step: 'A namespace that is excluded',
      result: 'its pods do not run, though the images are on the node',
      async play() {
        await createNamespace(kubectl, outsider, { 'pullsecret-sync.io/exclude': 'true' });
        await install();
        await deploy(kubectl, outsider, images);
        await untilNothingPulls(kubectl, outsider);
      },
    },
  ];
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
