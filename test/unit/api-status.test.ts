import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterError } from '../../job/src/api-status.ts';
import { type RequestName, remedy } from '../../job/src/cluster-error.ts';

const request: RequestName = { verb: 'patch', resource: 'secrets', name: 'image-pull-secret', namespace: 'team-a' };
const forbidden =
  'secrets "image-pull-secret" is forbidden: User "system:serviceaccount:a:b" cannot create resource "secrets" in API group "" in the namespace "team-a"';

const cases: Array<[because: string, status: number, body: object, kind: string]> = [
  ['a missing right', 403, { message: forbidden }, 'forbidden'],
  [
    'a missing right to list',
    403,
    { message: 'namespaces is forbidden: User "x" cannot list resource "namespaces"' },
    'forbidden',
  ],
  [
    'an exhausted quota',
    403,
    { message: 'secrets "image-pull-secret" is forbidden: exceeded quota: none, requested: secrets=1' },
    'quota',
  ],
  [
    'a terminating namespace',
    403,
    {
      message: 'secrets "x" is forbidden: unable to create new content',
      details: { causes: [{ reason: 'NamespaceTerminating' }] },
    },
    'namespaceGone',
  ],
  [
    'a policy with reason Forbidden',
    403,
    { message: 'secrets "x" is forbidden: ValidatingAdmissionPolicy \'p\' denied request: no' },
    'denied',
  ],
  [
    'a policy with its default reason',
    422,
    { message: 'secrets "x" is forbidden: ValidatingAdmissionPolicy \'p\' denied request: no' },
    'denied',
  ],
  [
    'an object that cannot be so',
    422,
    { message: 'Secret "x" is invalid: data: Too long', details: { causes: [{ reason: 'FieldValueTooLong' }] } },
    'invalid',
  ],
  [
    'a namespace that is not there',
    404,
    { message: 'namespaces "team-a" not found', details: { kind: 'namespaces' } },
    'namespaceGone',
  ],
  ['an object that is not there', 404, { message: 'secrets "x" not found', details: { kind: 'secrets' } }, 'notFound'],
  ['an object that changed', 409, {}, 'conflict'],
  ['an unknown login', 401, {}, 'unauthorized'],
  ['too many requests', 429, {}, 'throttled'],
  ['a fault of the server', 500, {}, 'server'],
];

for (const [because, status, body, kind] of cases) {
  test(`${because} is "${kind}"`, () => {
    assert.equal(clusterError(request, status, JSON.stringify(body)).kind, kind);
  });
}

test('a body that is no Status is classified by its code', () => {
  assert.equal(clusterError(request, 502, '<html>').kind, 'server');
});

test('a missing right is answered with the rule that grants it', () => {
  const error = clusterError(request, 403, { message: forbidden });
  assert.match(
    remedy(error),
    /\{apiGroups: \[""\], resources: \[secrets\], resourceNames: \[image-pull-secret\], verbs: \[create\]\}/,
  );
});

test("the text of a 422 is not quoted: it holds the object's values", () => {
  const error = clusterError(request, 422, {
    message: 'data: Invalid value: "czNjcjN0"',
    details: { causes: [{ reason: 'FieldValueInvalid' }] },
  });
  assert.doesNotMatch(error.message, /czNjcjN0/);
  assert.match(error.message, /FieldValueInvalid/);
});
