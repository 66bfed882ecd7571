import { dockerHubKey } from '../credentials/registry-host.ts';

/**
 * Whether the kubelet finds a login for an image among the keys of a docker config. The keys are as `normaliseHost` spells
 * them.
 *
 * A key fits by host, port and path: `*` in a part of its host is any text of the same part, and its path is the beginning
 * of the image's. Docker Hub's own key fits all of Docker Hub. Source: k8s.io/kubernetes, pkg/credentialprovider,
 * BasicDockerKeyring.Lookup and URLsMatch.
 */
export function hasLoginFor(keys: Iterable<string>, image: string): boolean {
  const { host, path } = repositoryOf(image);
  for (const key of keys) {
    if (key === dockerHubKey ? host === dockerHub : fits(key, host, path)) return true;
  }
  return false;
}

/** The registry of an image, as people name it. */
export function registryOf(image: string): string {
  return repositoryOf(image).host;
}

const dockerHub = 'docker.io';

/** Where an image comes from, without tag and digest. Source: github.com/distribution/reference, ParseNormalizedNamed. */
function repositoryOf(image: string): { host: string; path: string } {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const path = (isHost ? rest.join('/') : image).replace(/@.*$/, '').replace(/:[^/]*$/, '');
  if (isHost && first !== dockerHub && first !== 'index.docker.io') return { host: first, path };
  return { host: dockerHub, path: path.includes('/') ? path : `library/${path}` };
}

function fits(key: string, host: string, path: string): boolean {
  const [keyHost = '', ...keyPath] = key.split('/');
  const [keyName, keyPort] = splitPort(keyHost);
  const [name, port] = splitPort(host);
  const keyParts = keyName.split('.');
  const parts = name.split('.');
  return (
    keyPort === port &&
    keyParts.length === parts.length &&
    keyParts.every((part, index) => partFits(part, parts[index] as string)) &&
    path.startsWith(keyPath.join('/'))
  );
}

function splitPort(host: string): [name: string, port: string] {
  const [, name = host, port = ''] = /^(.*):(\d+)$/.exec(host) ?? [];
  return [name, port];
}

/**
 * Only `*` is a glob that each kubelet knows: newer ones take `?` for the beginning of a query, and `[` for that of an
 * address, and leave the entry out. No regular expression: of several `*` it tries every division of the part.
 */
function partFits(glob: string, part: string): boolean {
  const [first = '', ...stems] = glob.split('*');
  const last = stems.pop();
  if (last === undefined) return part === glob;
  if (!part.startsWith(first)) return false;
  let end = first.length;
  for (const stem of stems) {
    const begin = part.indexOf(stem, end);
    if (begin < 0) return false;
    end = begin + stem.length;
  }
  return part.length - end >= last.length && part.endsWith(last);
}
