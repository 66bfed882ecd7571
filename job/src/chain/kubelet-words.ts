/** The reasons of a container that waits for its image. Source: k8s.io/kubernetes, pkg/kubelet/images/types.go; cri-api, pkg/errors. */
export const pullReasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);

/** What a failed pull is about. The first three are of logins; `notFound` may be, too. */
export type PullFault =
  | 'noLogin'
  | 'refused'
  | 'denied'
  | 'limit'
  | 'notFound'
  | 'name'
  | 'never'
  | 'certificate'
  | 'plainHttp'
  | 'unknownHost'
  | 'network'
  | 'room'
  | 'signature'
  | 'platform'
  | 'server'
  | 'unknown';

export interface PullWords {
  fault: PullFault;
  /** What the words mean. */
  says: string;
  fix: string;
}

const network = 'try from a node; check the proxy of the container runtime, firewalls and the name of the registry';

/**
 * In this order: the words of a refusal say at the end what they are about, and "pull access denied" stands before all.
 * What containerd says was seen from 2.4; the others are those of CRI-O, of registries and of Go.
 */
const meanings: ReadonlyArray<[words: RegExp, meaning: PullWords]> = [
  [
    /InvalidImageName|invalid reference format|couldn't parse image name/,
    {
      fault: 'name',
      says: 'the name of the image is not valid',
      fix: 'correct it in the workload: lower case, no blank, one tag',
    },
  ],
  [
    /ErrImageNeverPull|pull policy of Never/,
    {
      fault: 'never',
      says: 'the image is not on the node, and imagePullPolicy: Never keeps it from being pulled',
      fix: 'set imagePullPolicy: IfNotPresent, or load the image on the node',
    },
  ],
  [
    /SignatureValidationFailed|signature validation failed/,
    {
      fault: 'signature',
      says: "the node's policy does not accept the image's signature",
      fix: 'sign the image, or change that policy',
    },
  ],
  [
    /no basic auth credentials/,
    {
      fault: 'noLogin',
      says: 'the registry asks for a login, and the kubelet had none to give',
      fix: 'where the links before hold, the kubelet tries again within five minutes',
    },
  ],
  [
    /toomanyrequests|429 Too Many|rate limit/i,
    {
      fault: 'limit',
      says: 'the registry has had too many pulls from here',
      fix: 'wait, or give it a login with a higher limit; a mirror in the cluster saves pulls',
    },
  ],
  [
    /x509:|certificate signed by|failed to verify certificate|certificate has expired/,
    {
      fault: 'certificate',
      says: "the node does not trust the registry's certificate",
      fix: "add its certificate authority to the nodes' container runtime, or check the clock there; no login helps",
    },
  ],
  [
    /server gave HTTP response to HTTPS client/,
    {
      fault: 'plainHttp',
      says: 'the registry speaks plain http and the node https',
      fix: "let the registry speak https, or name it as plain in the nodes' container runtime; no login helps",
    },
  ],
  [
    /no such host|dial tcp: lookup |Temporary failure in name resolution|server misbehaving/,
    {
      fault: 'unknownHost',
      says: "the node does not find the registry's name",
      fix: "check the name of the image and the node's DNS; no login helps",
    },
  ],
  [
    /connection refused|no route to host|network is unreachable|i\/o timeout|deadline exceeded|connection reset|TLS handshake timeout|proxyconnect|Client\.Timeout|unexpected EOF|RegistryUnavailable|registry is unavailable/,
    { fault: 'network', says: 'the node does not reach the registry', fix: `${network}; no login helps` },
  ],
  [
    /no space left on device/,
    {
      fault: 'room',
      says: 'the node has no room for the image',
      fix: 'make room on the node, or let the pod go to another one',
    },
  ],
  [
    /401 Unauthorized|unauthorized|authentication required|incorrect username or password|token has expired|HTTP Basic: Access denied/i,
    {
      fault: 'refused',
      says: 'the registry refused the login',
      fix: 'put the right login into the sources and let a run copy it; "pullsecret-sync verify" tries it',
    },
  ],
  [
    /403 Forbidden|\bdenied\b|insufficient_scope|forbidden/i,
    {
      fault: 'denied',
      says: 'the registry does not let this login pull this image, or there is no such image',
      fix: 'check the name of the image, and that the account may pull from that repository',
    },
  ],
  [
    /no match for platform|no matching manifest/,
    {
      fault: 'platform',
      says: "there is no image for the node's processor",
      fix: 'build it for that platform, or choose nodes of another one',
    },
  ],
  [
    /not found|manifest unknown|name unknown|404/i,
    {
      fault: 'notFound',
      says: 'the registry has no such image or tag, or hides it from this login',
      fix: 'check name and tag; where they are right, the account may not read that repository',
    },
  ],
  [
    /\b5\d\d [A-Z]/,
    {
      fault: 'server',
      says: 'the registry has a fault of its own',
      fix: 'look at the registry; the kubelet tries again',
    },
  ],
];

const unknown: PullWords = {
  fault: 'unknown',
  says: 'the image cannot be pulled',
  fix: 'see what else is told of it',
};

/** What the kubelet's reason and message mean. The image's own name is left out: it may hold any word. */
export function meaningOf(reason: string, message: string, image: string): PullWords {
  const words = `${reason} ${message.replaceAll(image, '')}`;
  return meanings.find(([pattern]) => pattern.test(words))?.[1] ?? unknown;
}

/** How much of a message is shown: characters. A registry may answer with a whole page. */
const longest = 300;

/** The end of a message, where what is the matter stands. */
export function shortened(message: string): string {
  const inner = message
    .replace(/^Back-off pulling image "[^"]*":? ?/, '')
    .replace(/^(ErrImagePull|RegistryUnavailable|SignatureValidationFailed): /, '')
    .replace(/^Failed to pull image "[^"]*": /, '')
    .replace(/^rpc error: code = \w+ desc = /, '')
    .replace(/^failed to pull and unpack image "[^"]*": /, '')
    .replace(/^failed to resolve (image|reference "[^"]*"): /, '');
  return inner.length <= longest ? inner : `${inner.slice(0, longest)}…`;
}
