import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterError } from '../../job/src/cluster/api-status.ts';
import { type RequestName, remedy } from '../../job/src/cluster/cluster-error.ts';

const request: RequestName = { verb: 'patch', resource: 'secrets', name: 'image-pull-secret', namespace: 'team-a' };
const forbidden =
  'secrets "image-pull-secret" is forbidden: User "system:serviceaccount:a:b" cannot create resource "secrets" in API group "" in the namespace "team-a"';

function brokenWebhook(cause: string): string {
  return `Internal error occurred: failed calling webhook "w.example.com": failed to call webhook: Post "https://10.0.0.1/": ${cause}`;
}

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
    {
      message: 'Secret "x" is invalid: type: field is immutable',
      details: { causes: [{ reason: 'FieldValueInvalid' }] },
    },
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
  [
    'a Secret that is too large',
    422,
    { message: 'Secret "x" is invalid: data: Too long', details: { causes: [{ reason: 'FieldValueTooLong' }] } },
    'tooLarge',
  ],
  ['a request that is too large', 413, {}, 'tooLarge'],
  ['a list that changes too fast', 410, { reason: 'Expired' }, 'expired'],
  ['a webhook that denies', 400, { message: 'admission webhook "w.example.com" denied the request: no' }, 'denied'],
  ['a webhook that cannot be called', 500, { message: brokenWebhook('connect: connection refused') }, 'webhookFailed'],
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

const refusals: Array<[what: string, status: number, body: object, message: RegExp, fix: RegExp]> = [
  [
    'a Secret that is too large is told from other invalid ones',
    422,
    { message: 'data: Too long', details: { causes: [{ reason: 'FieldValueTooLong', field: 'data' }] } },
    /it is too large \(HTTP 422, FieldValueTooLong in data\)/,
    /fewer registries.*1 MiB/,
  ],
  [
    'an invalid object names the field, and no size',
    422,
    { reason: 'Invalid', details: { causes: [{ reason: 'FieldValueInvalid', field: 'type' }] } },
    /HTTP 422, Invalid, FieldValueInvalid in type/,
    /^(?!.*MiB)/,
  ],
  [
    'a list that expired says why, and that the next run tries again',
    410,
    { reason: 'Expired' },
    /changed faster than it could be read/,
    /load of the API server.*tries again/,
  ],
  [
    'a webhook that cannot be called is named with the cause',
    500,
    { message: brokenWebhook('dial tcp: connect: connection refused') },
    /the admission webhook "w\.example\.com" cannot be called: connection refused/,
    /make the admission webhook "w\.example\.com" answer again/,
  ],
  [
    'a webhook that denies is named',
    403,
    { message: 'admission webhook "w.example.com" denied the request: no' },
    /denied the request: no/,
    /exempt pullsecret-sync in the admission webhook "w\.example\.com"/,
  ],
  [
    'a policy that denies is named',
    422,
    { message: "secrets \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no" },
    /denied request: no/,
    /exempt pullsecret-sync in the admission policy "p"/,
  ],
  [
    "the release's own guard is not to be exempted from",
    403,
    {
      message:
        "secrets \"x\" is forbidden: ValidatingAdmissionPolicy 'infra-pullsecret-sync-copies' with binding 'infra-pullsecret-sync-copies' denied request: pullsecret-sync never does this (guardPolicy): no",
    },
    /never does this \(guardPolicy\): no/,
    /^upgrade the release.*webhook that changes the object in the same request.*guardPolicy\.enabled: false/,
  ],
];

for (const [what, status, body, message, fix] of refusals) {
  test(what, () => {
    const error = clusterError(request, status, body);

    assert.match(error.message, message);
    assert.match(remedy(error), fix);
  });
}

test('what a webhook answers is not quoted where it cannot be read: it may hold the object', () => {
  const error = clusterError(request, 500, { message: brokenWebhook('expected a review, got czNjcjN0') });

  assert.doesNotMatch(error.message, /czNjcjN0/);
});
