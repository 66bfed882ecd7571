import type { NamespaceRecord } from '../cluster/cluster.ts';
import { hasLoginFor } from '../pods/image-login.ts';
import { accountLink, accountsLinks } from './account-links.ts';
import type { Chain, Link } from './chain.ts';
import { hasPulled, kubeletLinks } from './kubelet-links.ts';
import type { Observed, PodSeen, SeenTarget } from './observed.ts';
import { isPending, placementOf, placementsIn } from './pending.ts';
import { bringsItsOwn, imagesOf, podLink, pullSecretsLink } from './pod-links.ts';
import { registryLinks } from './registry-links.ts';
import { lastRunLink, releaseLink } from './run-links.ts';
import { linkOf, notReached, unseenLink } from './seen.ts';
import { namespaceLink, selectionLinks, winnersIn } from './selection-links.ts';
import { copyLink, sourcesLink } from './target-links.ts';

/**
 * Walks from the release to one pod, or to the pods of a namespace that wait for an image, and says of each link whether it
 * holds. A pure function: what a run would do in the namespace is what counts as missing.
 */
export function walk(observed: Observed): Chain {
  const { asked, namespace, pods } = observed;
  const isThere = !('is' in namespace) || namespace.is !== undefined;
  const place = placeOf(observed);
  if (!isThere || place.terminating) {
    const rest = notReached(
      'selection',
      'sources',
      'copy',
      'serviceAccount',
      'pod',
      'pullSecrets',
      'registry',
      'kubelet',
    );
    return { ...asked, links: [...runLinks(observed, false), namespaceLink(observed), ...rest], found: isThere };
  }
  if (asked.pod === undefined) {
    const links = [...linksToAccounts(place, observed), ...linksToPods(winnersIn(place, observed.targets), observed)];
    return { ...asked, links: eachOnce(links), found: true };
  }
  if ('not' in pods) {
    const links = [...linksToAccounts(place, observed), unseenLink('pod', pods.not, asked.pod)];
    return { ...asked, links: [...links, ...afterPod()], found: true };
  }
  const [pod] = pods.is;
  if (pod) return { ...asked, links: linksToPod(pod, place, observed), found: true, pulled: hasPulled(pod) };
  const before = linksToAccounts(place, observed).map((link) => withoutWeight(link, 'there is no such pod'));
  return { ...asked, links: [...before, noPodLink(observed), ...afterPod()], found: false };
}

/** The namespace as far as it is known: without the right to see it, its name. */
function placeOf({ namespace, asked }: Observed): NamespaceRecord {
  const seen = 'is' in namespace ? namespace.is : undefined;
  return seen ?? { name: asked.namespace, labels: {}, annotations: {}, terminating: false };
}

/** From the release to all ServiceAccounts of the namespace that the targets want. */
function linksToAccounts(place: NamespaceRecord, observed: Observed): Link[] {
  const winners = winnersIn(place, observed.targets);
  const placements = placementsIn(place, observed);
  return [
    ...runLinks(
      observed,
      isPending(winners, placements, () => true),
    ),
    namespaceLink(observed),
    ...selectionLinks(observed, place),
    ...winners.map((target) => sourcesLink(target, observed)),
    ...winners.map((target) => copyLink(target, placementOf(target, placements), observed)),
    ...winners.flatMap((target) => accountsLinks(target, observed)),
  ];
}

/** From the release to one pod, by its own ServiceAccount and the targets that it needs. */
function linksToPod(pod: PodSeen, place: NamespaceRecord, observed: Observed): Link[] {
  const needed = neededBy(pod, winnersIn(place, observed.targets), observed);
  const placements = placementsIn(place, observed);
  const namesCopy = needed.some(({ target }) => pod.imagePullSecrets.includes(target.secretName));
  const beside = (link: Link) => withoutWeight(link, whyBeside(link, pod, namesCopy, observed));
  const pending = isPending(needed, placements, (account) => !namesCopy && account === pod.serviceAccount);
  const links = [
    ...runLinks(observed, pending),
    namespaceLink(observed),
    ...selectionLinks(observed, place),
    ...needed.map((target) => sourcesLink(target, observed)),
    ...needed.map((target) => copyLink(target, placementOf(target, placements), observed)),
    ...needed.map((target) => accountLink(pod.serviceAccount, target, observed)),
  ];
  return [...links.map(beside), ...linksOfPod(pod, needed, observed)];
}

function runLinks(observed: Observed, pending: boolean): Link[] {
  return [releaseLink(observed, pending), lastRunLink(observed, pending)];
}

/** The targets with a login for what the pod waits for; all, where none has one. */
function neededBy(pod: PodSeen, winners: readonly SeenTarget[], { secrets }: Observed): SeenTarget[] {
  const images = imagesOf(pod);
  const fitting = winners.filter(({ target, logins }) => {
    const copy = secrets.get(target.secretName);
    const keys = [...logins.keys(), ...(copy && 'is' in copy ? (copy.is?.registries ?? []) : [])];
    return images.some((image) => hasLoginFor(keys, image));
  });
  return fitting.length > 0 ? fitting : [...winners];
}

/** Why a link before the pod, whatever it is, is not why the pod cannot pull. */
function whyBeside({ link }: Link, pod: PodSeen, namesCopy: boolean, observed: Observed): string | undefined {
  if (pod.controller?.kind === 'Node') return 'a static pod has none of it';
  if (namesCopy) return link === 'serviceAccount' ? 'the pod names the copy itself' : undefined;
  return bringsItsOwn(pod, observed) ? 'the pod brings its own list' : undefined;
}

/** What is broken beside the way of a pod is told, and is not where to begin. */
function withoutWeight(link: Link, because: string | undefined): Link {
  if (link.state !== 'broken' || because === undefined) return link;
  return linkOf(link.link, 'notReached', `${link.says}; no matter, since ${because}`, { about: link.about });
}

function noPodLink({ asked, similar }: Observed): Link {
  const { namespace, pod } = asked;
  const near = similar.length > 0 ? ` (did you mean ${similar.join(' or ')}?)` : '';
  const fix = `see which there are: kubectl get pods --namespace ${namespace}`;
  return linkOf('pod', 'broken', `there is no pod ${pod} in ${namespace}${near}`, { about: pod, fix });
}

function afterPod(): Link[] {
  return notReached('pullSecrets', 'registry', 'kubelet');
}

/** The pods of the namespace that wait for an image. */
function linksToPods(winners: readonly SeenTarget[], observed: Observed): Link[] {
  const { pods, morePods } = observed;
  if ('not' in pods) return [unseenLink('pod', pods.not), ...afterPod()];
  if (pods.is.length === 0) return [linkOf('pod', 'ok', 'none waits for an image')];
  const rest = morePods > 0 ? [linkOf('pod', 'notReached', `${morePods} more wait for an image`)] : [];
  const links = pods.is.flatMap((pod) => {
    const needed = neededBy(pod, winners, observed);
    return [...needed.flatMap((target) => brokenAccount(pod, target, observed)), ...linksOfPod(pod, needed, observed)];
  });
  return [...links, ...rest];
}

/** A ServiceAccount that pods have and no target wants is not among those of the targets. */
function brokenAccount(pod: PodSeen, target: SeenTarget, observed: Observed): Link[] {
  const needsNone = pod.imagePullSecrets.includes(target.target.secretName) || bringsItsOwn(pod, observed);
  const link = accountLink(pod.serviceAccount, target, observed);
  return link.state === 'broken' && !needsNone ? [link] : [];
}

function linksOfPod(pod: PodSeen, targets: readonly SeenTarget[], observed: Observed): Link[] {
  return [
    podLink(pod),
    pullSecretsLink(pod, targets, observed),
    ...registryLinks(pod, targets, observed),
    ...kubeletLinks(pod, targets, observed),
  ];
}

function eachOnce(links: readonly Link[]): Link[] {
  return [...new Map(links.map((link) => [JSON.stringify(link), link])).values()];
}
