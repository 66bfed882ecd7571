/** The key under which the kubelet and every client look up Docker Hub. */
export const dockerHubKey = 'https://index.docker.io/v1/';

/** What `docker login` leaves beside Docker Hub's entry; no registry, so dropped without a word. */
const dockerHubLeftovers = new Set(['index.docker.io/v1/access-token', 'index.docker.io/v1/refresh-token']);

const dockerHubNames = new Set([
  'docker.io',
  'www.docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'hub.docker.com',
  'registry.hub.docker.com',
]);

/** Names of images have 255 characters at most, and hosts 253. What is longer would also make messages endless. */
const longestKey = 512;

/** A host with an optional port; `*` and `?` and `[…]` because the kubelet takes globs in each part of it. */
const hostPattern = /^[a-z0-9*?[\]_-]+(\.[a-z0-9*?[\]_-]+)*(:\d{1,5})?$/;
const ipv6Pattern = /^\[[0-9a-f:.]+\](:\d{1,5})?$/;

/**
 * The one spelling of a registry's key in a docker config.
 *
 * Docker Hub under any of its names becomes {@link dockerHubKey}; other hosts lose the scheme, trailing slashes and
 * an API version (`/v1`, `/v2`) and keep port, path and globs. The kubelet compares a path as a prefix of the image's
 * name, so `registry.gitlab.com/group` stays what it is.
 *
 * A key that no image's name can begin with is refused, since messages show the others: it may be a password in the wrong
 * place, or hold what a terminal obeys. Such are a name with neither dot nor port (an image `team/app` is one of Docker
 * Hub; source: github.com/distribution/reference, splitDockerDomain) and what is not printable ASCII, before letters
 * become small: that would make a `k` of the Kelvin sign, and docker.io of what only looks like it.
 *
 * @returns `'leftover'` for what `docker login` leaves at Docker Hub, `undefined` where it is no host
 */
export function normaliseHost(key: string): string | 'leftover' | undefined {
  const trimmed = key.trim();
  if (trimmed.length > longestKey || !/^[!-~]*$/.test(trimmed)) return undefined;
  const withoutScheme = trimmed.replace(/^https?:\/\//i, '');
  const [host = '', ...segments] = withoutScheme.split('/');
  const path = segments.filter((segment) => segment !== '').join('/');
  const lowerHost = host.toLowerCase();
  if (!hostPattern.test(lowerHost) && !ipv6Pattern.test(lowerHost)) return undefined;
  if (!/[.:*]/.test(lowerHost) && lowerHost !== 'localhost') return undefined;
  if (/[:@?#%\\]/.test(path)) return undefined;
  if (dockerHubLeftovers.has(`${lowerHost}/${path}`)) return 'leftover';

  const repository = path.replace(/^v[12](\/|$)/, '');
  if (!dockerHubNames.has(lowerHost)) return repository === '' ? lowerHost : `${lowerHost}/${repository}`;
  return repository === '' ? dockerHubKey : `docker.io/${repository}`;
}
