import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestName } from '../../job/src/cluster/cluster-error.ts';
import { resourcePath } from '../../job/src/cluster/kubernetes-resources.ts';

const cases: Array<[string, RequestName, string]> = [
  ['all of a resource', { verb: 'list', resource: 'namespaces' }, '/api/v1/namespaces'],
  ['those of a namespace', { verb: 'list', resource: 'secrets', namespace: 'a' }, '/api/v1/namespaces/a/secrets'],
  [
    'one by its name',
    { verb: 'get', resource: 'secrets', namespace: 'a', name: 'b' },
    '/api/v1/namespaces/a/secrets/b',
  ],
  ['a LIST of one name, which is for a selector', { verb: 'list', resource: 'secrets', name: 'b' }, '/api/v1/secrets'],
  ['a watch of one name, the same', { verb: 'watch', resource: 'namespaces', name: 'b' }, '/api/v1/namespaces'],
  [
    'a subresource',
    { verb: 'create', resource: 'pods/eviction', namespace: 'a', name: 'b' },
    '/api/v1/namespaces/a/pods/b/eviction',
  ],
  [
    'another API group',
    { verb: 'patch', resource: 'cronjobs', namespace: 'a', name: 'b' },
    '/apis/batch/v1/namespaces/a/cronjobs/b',
  ],
  [
    'what lies in no namespace',
    { verb: 'delete', resource: 'mutatingadmissionpolicybindings', name: 'b' },
    '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings/b',
  ],
  [
    'a name that is none',
    { verb: 'get', resource: 'secrets', namespace: '../x', name: 'b?c' },
    '/api/v1/namespaces/..%2Fx/secrets/b%3Fc',
  ],
];

for (const [what, name, path] of cases) {
  test(`the path is that of ${what}`, () => {
    assert.equal(resourcePath(name), path);
  });
}

test('the query is encoded', () => {
  const path = resourcePath(
    { verb: 'list', resource: 'secrets' },
    { fieldSelector: 'metadata.name=a', continue: 'x+/=' },
  );

  assert.equal(path, '/api/v1/secrets?fieldSelector=metadata.name%3Da&continue=x%2B%2F%3D');
});
