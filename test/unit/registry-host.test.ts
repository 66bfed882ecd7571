import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dockerHubKey, normaliseHost } from '../../job/src/credentials/registry-host.ts';

const cases: Array<[key: string, host: string | undefined, because: string]> = [
  ['registry.example.com', 'registry.example.com', 'a plain host stays'],
  ['https://registry.example.com', 'registry.example.com', 'the kubelet ignores the scheme'],
  ['http://registry.example.com/', 'registry.example.com', 'the trailing slash is dropped'],
  ['https://registry.example.com/v2/', 'registry.example.com', 'an API version is no repository'],
  ['registry.example.com/v1', 'registry.example.com', 'an API version is no repository'],
  ['registry.example.com/v1beta', 'registry.example.com/v1beta', 'only a whole segment is an API version'],
  ['registry.example.com:5000', 'registry.example.com:5000', 'ports stay'],
  ['registry.gitlab.com/group', 'registry.gitlab.com/group', 'the kubelet compares paths'],
  ['registry.gitlab.com//group/', 'registry.gitlab.com/group', 'doubled slashes match no image'],
  ['*.example.com', '*.example.com', "the kubelet's globs stay"],
  ['Registry.Example.COM', 'registry.example.com', "hosts know no case, the kubelet's comparison does"],
  ['localhost:5000', 'localhost:5000', 'a single label is a host'],
  ['[::1]:5000', '[::1]:5000', 'an IPv6 address is a host'],
  [' registry.example.com ', 'registry.example.com', 'blanks around it come from copying'],
  ['docker.io', dockerHubKey, 'Docker Hub by its short name'],
  ['index.docker.io', dockerHubKey, "Docker Hub by its index's name"],
  ['https://index.docker.io/v1/', dockerHubKey, 'Docker Hub as docker login writes it'],
  ['https://index.docker.io/v2/', dockerHubKey, 'Docker Hub with the newer API'],
  ['registry-1.docker.io', dockerHubKey, "Docker Hub by its registry's name"],
  ['https://registry.hub.docker.com', dockerHubKey, 'Docker Hub by its older name'],
  ['docker.io/myorg', 'docker.io/myorg', 'a login for one organisation of Docker Hub'],
  ['index.docker.io/myorg', 'docker.io/myorg', 'images are named docker.io, so a path needs that host'],
  ['https://index.docker.io/v1/access-token', 'leftover', 'docker login leaves it; no registry'],
  ['https://index.docker.io/v1/refresh-token', 'leftover', 'docker login leaves it; no registry'],
  ['', undefined, 'an empty key is no host'],
  ['https://', undefined, 'a scheme alone is no host'],
  ['user:password@registry.example.com', undefined, 'a login in the host is a leak'],
  ['registry example', undefined, 'a blank is in no host'],
  ['registry.example.com?x=1', undefined, 'a query is in no host'],
  ['registry.example.com:port', undefined, 'a port is a number'],
];

for (const [key, host, because] of cases) {
  test(`host "${key}": ${because}`, () => {
    assert.equal(normaliseHost(key), host);
  });
}
