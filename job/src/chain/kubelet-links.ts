import { ago } from './ago.ts';
import type { Link } from './chain.ts';
import { meaningOf, type PullWords, shortened } from './kubelet-words.ts';
import type { ContainerSeen, Observed, PodSeen, SeenTarget } from './observed.ts';
import { isWaitingForImage } from './pod-links.ts';
import { pullLoginsOf, withLoginFor } from './pull-logins.ts';
import { restartOf } from './restart.ts';
import { linkOf } from './seen.ts';

/** What the kubelet said last of a container's image. */
interface LastWords extends PullWords {
  container: ContainerSeen;
  message: string;
}

/** What the kubelet said last of each image that the pod waits for. */
export function kubeletLinks(pod: PodSeen, targets: readonly SeenTarget[], observed: Observed): Link[] {
  const words = lastWords(pod);
  if (words.length > 0) {
    return words.map((one) => {
      const { container, says, message } = one;
      const when = lastTold(pod, container.image);
      const told = when === undefined ? 'it says' : `it said ${ago(observed.now.getTime() - when)}`;
      const quote = message === '' ? '' : `; ${told}: ${message}`;
      const fix = cureOf(one, pod, targets, observed);
      return linkOf('kubelet', 'broken', `${says}${quote}`, { about: container.image, fix });
    });
  }
  const link = (state: Link['state'], says: string) => [linkOf('kubelet', state, says, { about: pod.name })];
  if (hasPulled(pod)) return link('ok', 'every image is on the node');
  const waiting = pod.containers.find(({ hasImage }) => !hasImage)?.waiting?.reason;
  return link('unknown', `it has said nothing of an image yet${waiting ? ` (${waiting})` : ''}`);
}

function cureOf(
  { fault, fix, container }: LastWords,
  pod: PodSeen,
  targets: readonly SeenTarget[],
  observed: Observed,
): string {
  const { namespace, name } = pod;
  switch (fault) {
    case 'noLogin':
      return `${fix}; at once: ${restartOf(pod)}`;
    case 'refused': {
      const covering = withLoginFor(container.image, pullLoginsOf(pod, targets, observed));
      const others = covering.filter(({ target }) => !target).map((one) => one.name);
      return others.length > 0 && others.length === covering.length
        ? `put the right login into the Secret ${others.join(' or ')}, which is not ours`
        : fix;
    }
    case 'unknown':
      return `${fix}: kubectl describe pod ${name} --namespace ${namespace}`;
    default:
      return fix;
  }
}

export function hasPulled({ containers }: PodSeen): boolean {
  return containers.length > 0 && containers.every(({ hasImage }) => hasImage);
}

export function lastWords(pod: PodSeen): LastWords[] {
  const waiting = pod.containers.filter(isWaitingForImage);
  const once = waiting.filter(({ image }, index) => waiting.findIndex((other) => other.image === image) === index);
  return once.map((container) => {
    const { reason = '', message = '' } = container.waiting ?? {};
    // Older kubelets say here only that they wait, and why in an Event.
    const words = shortened(message) || shortened(eventAbout(pod, container.image)?.note ?? '');
    return { container, message: words, ...meaningOf(reason, words, container.image) };
  });
}

function eventAbout({ events }: PodSeen, image: string) {
  if ('not' in events) return undefined;
  return events.is.findLast(({ note }) => note.startsWith('Failed to pull image') && note.includes(`"${image}"`));
}

function lastTold({ events }: PodSeen, image: string): number | undefined {
  if ('not' in events) return undefined;
  return events.is.findLast(({ note }) => note.includes(`"${image}"`))?.at;
}
