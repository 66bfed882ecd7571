import { dockerHubKey } from '../credentials/registry-host.ts';

/** Where Docker Hub's API is; the name in docker configs only stands for it. */
const dockerHubApi = 'https://registry-1.docker.io';

/**
 * Where the API of a registry begins, by its key in a docker config. A path in the key names images and no place of the API.
 *
 * @returns `undefined` for the kubelet's globs, which stand for any number of registries
 */
export function registryAddress(key: string): URL | undefined {
  if (key === dockerHubKey || key.startsWith('docker.io/')) return new URL('/v2/', dockerHubApi);
  const [host = ''] = key.split('/');
  const isAddress = /^\[[0-9a-f:.]+\](:\d+)?$/.test(host);
  if (/[*?[\]]/.test(host) && !isAddress) return undefined;
  return URL.parse(`https://${host}/v2/`) ?? undefined;
}
