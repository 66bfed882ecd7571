import { hasLoginFor, registryOf } from '../pods/image-login.ts';
import { namesItsOwn } from '../pods/stuck-pods.ts';
import type { Link } from './chain.ts';
import { pullReasons } from './kubelet-words.ts';
import type { Observed, PodSeen, SeenTarget } from './observed.ts';
import { restartOf, templateOf } from './restart.ts';
import { linkOf, unseenLink } from './seen.ts';

/** Whether the pod has come so far that an image is pulled for it. */
export function podLink(pod: PodSeen): Link {
  const { name, phase, terminating, unscheduled, serviceAccount } = pod;
  const link = (state: Link['state'], says: string, fix?: string) => linkOf('pod', state, says, { about: name, fix });
  if (terminating) return link('broken', 'it is being deleted', 'look at the one that comes in its place');
  if (phase === 'Pending' && unscheduled !== undefined && pod.containers.every(({ waiting }) => !waiting)) {
    const fix = `it has no node yet, so nothing is pulled: kubectl describe pod ${name} --namespace ${pod.namespace}`;
    return link('broken', `no node has it: ${unscheduled}`, fix);
  }
  return link('ok', `it is ${phase}, and its ServiceAccount is ${serviceAccount}`);
}

/** The images that the pod is looked at for: those that it waits for, or all. */
export function imagesOf({ containers }: PodSeen): string[] {
  const waiting = containers.filter(isWaitingForImage);
  return [...new Set((waiting.length > 0 ? waiting : containers).map(({ image }) => image))];
}

export function isWaitingForImage({ waiting }: PodSeen['containers'][number]): boolean {
  return waiting !== undefined && pullReasons.has(waiting.reason);
}

/** Whether the pod has pull secrets of its own, for which its ServiceAccount's do not count. */
export function bringsItsOwn(pod: PodSeen, { config, serviceAccounts }: Observed): boolean {
  if ('not' in serviceAccounts || pod.imagePullSecrets.length === 0) return false;
  const ours = [...config.targets.map(({ secretName }) => secretName), ...config.previousSecretNames];
  if (pod.imagePullSecrets.some((name) => ours.includes(name))) return false;
  return namesItsOwn(
    pod,
    serviceAccounts.is.find(({ name }) => name === pod.serviceAccount),
  );
}

/** Whether the pod names the copy of one of the targets, and why not. */
export function pullSecretsLink(pod: PodSeen, targets: readonly SeenTarget[], observed: Observed): Link {
  const { name, imagePullSecrets: list, serviceAccount, createdAt } = pod;
  const link = (state: Link['state'], says: string, fix?: string) =>
    linkOf('pullSecrets', state, says, { about: name, fix });
  const copies = targets.map(({ target }) => target.secretName);
  const named = copies.filter((copy) => list.includes(copy));
  if (named.length > 0) return link('ok', `it names ${named.join(', ')}`);
  if (bringsItsOwn(pod, observed)) return ownListLink(pod, copies, observed);
  const wanted = copies.join(' or ');
  const has = list.length === 0 ? 'it names none' : `it names ${list.join(', ')} and not ${wanted}`;
  if (copies.length === 0) return link('notReached', has);
  if (pod.controller?.kind === 'Node') return link('broken', `${has}: it is a static pod`, restartOf(pod));
  const { serviceAccounts } = observed;
  if ('not' in serviceAccounts) {
    return link('broken', has, `once its ServiceAccount names ${wanted}: ${restartOf(pod)}`);
  }
  const account = serviceAccounts.is.find((one) => one.name === serviceAccount);
  if (!account || !copies.some((copy) => account.imagePullSecrets.includes(copy))) {
    const says = `${has}, as its ServiceAccount ${serviceAccount} does`;
    return link('broken', says, `once that names ${wanted}: ${restartOf(pod)}`);
  }
  if (list.length === 0 && (account.listChangedAt ?? createdAt) < createdAt) {
    return link(
      'broken',
      `${has}, although it was made after its ServiceAccount named ${wanted}: something takes it out when pods are made`,
      'look for a webhook that changes pods: kubectl get mutatingwebhookconfigurations',
    );
  }
  const says = `${has}: it was made before its ServiceAccount named ${wanted}, and the list of a pod never changes`;
  return link('broken', says, restartOf(pod));
}

function ownListLink(pod: PodSeen, copies: readonly string[], { secrets }: Observed): Link {
  const { name, imagePullSecrets: list } = pod;
  const brings = `it brings its own list (${list.join(', ')}), so that of its ServiceAccount does not count`;
  const link = (state: Link['state'], says: string, fix?: string) =>
    linkOf('pullSecrets', state, says, { about: name, fix });
  const images = imagesOf(pod);
  const all = list.map((one) => ({ one, seen: secrets.get(one) ?? { is: undefined } }));
  const isCovered = (image: string) =>
    all.some(({ seen }) => 'is' in seen && seen.is && hasLoginFor(seen.is.registries, image));
  if (images.every(isCovered)) return link('ok', brings);
  const unseen = all.flatMap(({ seen }) => ('not' in seen ? [unseenLink('pullSecrets', seen.not)] : []))[0];
  if (unseen) return link('unknown', `${brings}; ${unseen.says}`, unseen.fix);
  const absent = all.filter(({ seen }) => 'is' in seen && !seen.is).map(({ one }) => one);
  const lacking = [...new Set(images.filter((image) => !isCovered(image)).map(registryOf))].join(', ');
  const why = absent.length > 0 ? `there is no Secret ${absent.join(', ')}` : `none in it has a login for ${lacking}`;
  const add =
    copies.length > 0
      ? `add ${copies.join(', ')} to imagePullSecrets in ${templateOf(pod)}, or take the list out of it`
      : `mend the list in ${templateOf(pod)}`;
  return link('broken', `${brings}, and ${why}`, add);
}
