import { dockerHubKey } from '../credentials/registry-host.ts';

/** Registries as the chart's values name them: each with a key of letters, digits and "-", which `--set` needs no escape for. */
export function registryValues(hosts: readonly string[]): Array<{ key: string; server: string }> {
  const unique = uniqueKeys();
  return hosts.map((host) =>
    host === dockerHubKey ? { key: unique('docker-hub'), server: 'docker.io' } : { key: unique(host), server: host },
  );
}

/** A function that makes keys of texts, each once. */
export function uniqueKeys(taken: readonly string[] = []): (text: string) => string {
  const used = new Set(taken);
  return (text) => {
    const plain =
      text
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '') || 'registry';
    let key = plain;
    for (let number = 2; used.has(key); number += 1) key = `${plain}-${number}`;
    used.add(key);
    return key;
  };
}
