import { whyNamespaceLeftOut } from '../plan/why-left-out.ts';
import { hasLoginFor, registryOf } from '../pods/image-login.ts';
import type { Link } from './chain.ts';
import { lastWords } from './kubelet-links.ts';
import type { PullFault } from './kubelet-words.ts';
import type { Observed, PodSeen, SeenTarget } from './observed.ts';
import { imagesOf } from './pod-links.ts';
import { pullLoginsOf, withLoginFor } from './pull-logins.ts';
import { linkOf, unseenLink } from './seen.ts';
import { registriesOf } from './target-links.ts';

/** Faults of which nothing came to a registry. */
const beforeAnyPull = new Set<PullFault>(['name', 'never']);
/** Faults that a login may mend. */
const byLogin = new Set<PullFault>(['noLogin', 'refused', 'denied', 'limit']);

/** Whether a pull secret has a login for each image that the pod waits for. */
export function registryLinks(pod: PodSeen, targets: readonly SeenTarget[], observed: Observed): Link[] {
  const words = lastWords(pod);
  return imagesOf(pod).map((image) => {
    const fault = words.find(({ container }) => container.image === image)?.fault;
    return registryLink(image, fault, { pod, targets, observed });
  });
}

function registryLink(
  image: string,
  fault: PullFault | undefined,
  { pod, targets, observed }: { pod: PodSeen; targets: readonly SeenTarget[]; observed: Observed },
): Link {
  const registry = registryOf(image);
  const link = (state: Link['state'], says: string, fix?: string) =>
    linkOf('registry', state, says, { about: image, fix });
  if (fault && beforeAnyPull.has(fault)) return link('notReached', 'nothing is pulled');
  const logins = pullLoginsOf(pod, targets, observed);
  const covering = withLoginFor(image, logins).map(({ name }) => name);
  const has = covering.length > 1 ? 'have' : 'has';
  if (covering.length > 0) return link('ok', `${covering.join(' and ')} ${has} a login for ${registry}`);
  if (pod.containers.some((one) => one.image === image && one.hasImage)) {
    return link('ok', 'the image is on the node already');
  }
  const unseen = logins.find(({ not }) => not)?.not;
  if (unseen) return unseenLink('registry', unseen, image);
  const held = logins.map(({ name, registries }) => `${name} has logins for ${registriesOf(registries)}`);
  const says = [`no login for ${registry}`, ...held].join('; ');
  if (fault && byLogin.has(fault)) return link('broken', says, howToCover(image, targets, observed));
  return link('unknown', `${says}; a public image needs none`);
}

function howToCover(image: string, targets: readonly SeenTarget[], observed: Observed): string {
  const place = 'is' in observed.namespace ? observed.namespace.is : undefined;
  const elsewhere = observed.targets.find((one) => !targets.includes(one) && hasLoginFor(one.logins.keys(), image));
  const leftOut = elsewhere && place && whyNamespaceLeftOut(elsewhere.target.namespaces, place);
  if (elsewhere && leftOut) {
    return `target ${elsewhere.target.name} has a login for it and leaves this namespace out, since ${leftOut.because}: ${leftOut.fix}`;
  }
  const [first] = targets;
  const where = first ? `target ${first.target.name}` : 'a target that selects the namespace';
  return `add a login for ${registryOf(image)} to the sources of ${where}`;
}
