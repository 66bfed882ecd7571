import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normaliseHost } from '../../job/src/credentials/registry-host.ts';
import { registryNames } from '../support/registry-names.ts';

for (const [key, host, because] of registryNames) {
  test(`host "${key}": ${because}`, () => {
    assert.equal(normaliseHost(key), host);
  });
}

test('what docker login leaves at Docker Hub is no registry', () => {
  for (const token of ['access-token', 'refresh-token']) {
    assert.equal(normaliseHost(`https://index.docker.io/v1/${token}`), 'leftover');
  }
});

const edges: Array<[key: string, host: string | undefined, because: string]> = [
  ['registry.example.com/http://team', undefined, 'a scheme stands in front'],
  ['registry.example.com/team/v2', 'registry.example.com/team/v2', 'an API version stands in front'],
  ['[::1]', '[::1]', 'an address needs no port'],
  ['x[::1]', undefined, 'nothing stands in front of an address'],
  ['[::1]x', undefined, 'nothing but a port stands after an address'],
];
for (const [key, host, because] of edges) {
  test(`host "${key}": ${because}`, () => {
    assert.equal(normaliseHost(key), host);
  });
}
