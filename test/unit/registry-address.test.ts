import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normaliseHost } from '../../job/src/credentials/registry-host.ts';
import { registryAddress } from '../../job/src/registry/registry-address.ts';

const addresses: Array<[key: string, address: string | undefined]> = [
  ['docker.io', 'https://registry-1.docker.io/v2/'],
  ['https://index.docker.io/v1/', 'https://registry-1.docker.io/v2/'],
  ['docker.io/team', 'https://registry-1.docker.io/v2/'],
  ['registry.example.com', 'https://registry.example.com/v2/'],
  ['registry.example.com:5000', 'https://registry.example.com:5000/v2/'],
  ['registry.gitlab.com/group/project', 'https://registry.gitlab.com/v2/'],
  ['127.0.0.1:5000', 'https://127.0.0.1:5000/v2/'],
  ['[::1]:5000', 'https://[::1]:5000/v2/'],
  ['*.example.com', undefined],
  ['registry?.example.com', undefined],
  ['registry[ab].example.com', undefined],
  ['[ab].example.com', undefined],
  ['registry.example.com:99999', undefined],
];

for (const [key, address] of addresses) {
  test(`the registry ${key} is ${address === undefined ? 'no single one' : `at ${address}`}`, () => {
    assert.equal(registryAddress(normaliseHost(key) ?? '')?.href, address);
  });
}
