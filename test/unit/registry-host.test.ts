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
