import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMask } from '../../job/src/credentials/masking.ts';
import { judgeAnswer, type RegistryAnswer } from '../../job/src/registry/registry-answer.ts';

function judge(status: number, body: unknown = '', rest: Partial<RegistryAnswer> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return judgeAnswer({ status, namesItself: false, text, ...rest }, createMask());
}

const denied = { errors: [{ code: 'DENIED', message: 'requested access is denied' }] };

describe('a registry refuses a login', () => {
  const cases: Array<[what: string, status: number, body: unknown, answer: string]> = [
    [
      'with the errors of a registry',
      401,
      { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required', detail: null }] },
      '401 UNAUTHORIZED: authentication required',
    ],
    ['as Docker Hub does', 401, { details: 'incorrect username or password' }, '401 incorrect username or password'],
    [
      'as Quay does',
      401,
      { error: 'Could not find robot with specified username' },
      '401 Could not find robot with specified username',
    ],
    [
      'as OAuth 2.0 has it',
      400,
      { error: 'invalid_grant', error_description: 'the account is locked' },
      '400 invalid_grant: the account is locked',
    ],
    ['in plain text', 401, 'Not Authorized\n', '401 Not Authorized'],
    ['without a word', 401, '', '401'],
    ['with errors that are none', 401, { errors: [null] }, '401'],
    ['as a registry that denies', 403, denied, '403 DENIED: requested access is denied'],
  ];
  for (const [what, status, body, answer] of cases) {
    test(what, () => {
      assert.deepEqual(judge(status, body), { kind: 'refused', answer });
    });
  }

  test('with 403 in plain text, as Amazon ECR does with an old token', () => {
    const outcome = judge(403, 'Your authorization token has expired.', { namesItself: true });

    assert.deepEqual(outcome, { kind: 'refused', answer: '403 Your authorization token has expired.' });
  });
});

test('200 is a yes', () => {
  assert.equal(judge(200, 'whatever'), undefined);
});

describe('an answer says nothing of the login', () => {
  const cases: Array<[what: string, status: number, body: unknown, reason: RegExp]> = [
    ['where there were too many', 429, denied, /too many requests/],
    ['where the registry has a fault', 503, denied, /503, a fault of its own/],
    ['where it sends elsewhere', 302, '', /sends to another address/],
    ['where a firewall forbids it', 403, 'Blocked by policy', /403, as no registry does/],
    ['where nothing is there', 404, { message: 'no route' }, /404, as no registry does/],
    ['where the request was wrong', 400, { error: 'invalid_request' }, /400, as no registry does/],
  ];
  for (const [what, status, body, reason] of cases) {
    test(what, () => {
      const outcome = judge(status, body);

      assert.equal(outcome?.kind, 'unreachable');
      assert.match(outcome.reason, reason);
    });
  }
});

describe("a registry's words", () => {
  test('are one line without control characters', () => {
    const outcome = judge(401, { details: 'no\n\u001b[31m way\u202e\t!' });

    assert.deepEqual(outcome, { kind: 'refused', answer: '401 no [31m way !' });
  });

  test('are cut', () => {
    const outcome = judge(401, { details: 'x'.repeat(1000) });

    assert.deepEqual(outcome, { kind: 'refused', answer: `401 ${'x'.repeat(200)}…` });
  });

  test('never hold the password that they quote, nor a part of it that is left by the cut', () => {
    const mask = createMask();
    mask.add('a-long-and-secret-password');
    const text = JSON.stringify({ details: `${'x'.repeat(190)} a-long-and-secret-password` });

    const outcome = judgeAnswer({ status: 401, namesItself: false, text }, mask);

    assert.deepEqual(outcome, { kind: 'refused', answer: `401 ${'x'.repeat(190)} ***` });
  });
});
