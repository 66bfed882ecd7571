import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDockerConfig } from '../../job/src/credentials/docker-config.ts';
import { checkExpiry } from '../../job/src/credentials/login-expiry.ts';
import { assertNoTrace } from '../support/no-trace.ts';

const now = new Date('2026-11-24T12:00:00Z');
const seconds = (iso: string) => Date.parse(iso) / 1000;
const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s3cr3t`;
const ecr = (expiration: number) => Buffer.from(JSON.stringify({ payload: 's3cr3t', expiration })).toString('base64');

function check(username: string, password: string, expires: Record<string, string> = {}, at = now) {
  const text = JSON.stringify({ auths: { 'registry.example.com': { username, password } } });
  return checkExpiry(parseDockerConfig(text, 'file', 'file /x').config, expires, at);
}

const warnings: Array<
  [because: string, username: string, password: string, expires: Record<string, string>, warning: RegExp | undefined]
> = [
  ['a password that nobody gave an end', 'robot', 's3cr3t', {}, undefined],
  [
    'an ECR token that says when',
    'AWS',
    ecr(seconds('2026-11-24T20:00:00Z')),
    {},
    /is an Amazon ECR token: it ends in 8 hours/,
  ],
  ['an ECR token that does not', 'AWS', 's3cr3t', {}, /which lives 12 hours/],
  ['a Google access token', 'oauth2accesstoken', 's3cr3t', {}, /is a Google access token, which lives an hour/],
  [
    'an ACR token',
    '00000000-0000-0000-0000-000000000000',
    jwt({ exp: seconds('2026-11-24T14:30:00Z') }),
    {},
    /is an Azure Container Registry token: it ends in 2 hours/,
  ],
  [
    'an ACR token that does not',
    '00000000-0000-0000-0000-000000000000',
    's3cr3t',
    {},
    /is an Azure Container Registry token, which lives about three hours/,
  ],
  ['a JWT of anyone', 'robot', jwt({ exp: seconds('2026-11-27T12:00:00Z') }), {}, /ends in 3 days/],
  ['a JWT that ends at once', 'robot', jwt({ exp: seconds('2026-11-24T12:00:30Z') }), {}, /it ends in 0 minutes/],
  ['a JWT that has ended', 'robot', jwt({ exp: seconds('2026-11-24T11:00:00Z') }), {}, /ended 1 hour ago/],
  ['a JWT without an end', 'robot', jwt({}), {}, undefined],
  ['a JWT that ends after the last year', 'robot', jwt({ exp: 1e300 }), {}, undefined],
  ['a JWT that ends with the last year', 'robot', jwt({ exp: Date.UTC(10_000, 0) / 1000 }), {}, undefined],
  ['a JWT that counts in milliseconds', 'robot', jwt({ exp: seconds('2026-11-27T12:00:00Z') * 1000 }), {}, undefined],
  ['a JWT that ends at zero', 'robot', jwt({ exp: 0 }), {}, undefined],
  ['a JWT whose end is no number', 'robot', jwt({ exp: '2026-11-27' }), {}, undefined],
  ['a user name that every object knows', 'constructor', 's3cr3t', {}, undefined],
  ['a date soon', 'robot', 's3cr3t', { 'registry.example.com': '2026-12-01' }, /ends in 7 days/],
  ['a date that is today', 'robot', 's3cr3t', { 'registry.example.com': '2026-11-24' }, /ends in 12 hours/],
  ['a date that was yesterday', 'robot', 's3cr3t', { 'registry.example.com': '2026-11-23' }, /ended 12 hours ago/],
  ['an ECR token with a date', 'AWS', 's3cr3t', { 'registry.example.com': '2026-11-24' }, /ends in 12 hours, says/],
  [
    'a date for another spelling of the host',
    'robot',
    's3cr3t',
    { 'https://registry.example.com/': '2026-12-01' },
    /ends in 7 days/,
  ],
  ['a date far off', 'robot', 's3cr3t', { 'registry.example.com': '2027-11-30' }, undefined],
  ['a date for another host', 'robot', 's3cr3t', { 'other.example.com': '2026-12-01' }, undefined],
];

for (const [because, username, password, expires, warning] of warnings) {
  test(`${because} ${warning ? 'is a warning with the time left where it is known' : 'is no warning'}`, () => {
    const result = check(username, password, expires);
    assert.deepEqual(result.problems, []);
    assert.equal(result.warnings.length, warning ? 1 : 0);
    if (warning) assert.match(result.warnings[0] ?? '', warning);
    if (warning) assert.match(result.warnings[0] ?? '', /^file \/x: the login for registry\.example\.com /);
    assertNoTrace(JSON.stringify(result));
  });
}

test("GitLab's job token is refused, with what to use instead", () => {
  const { problems } = check('gitlab-ci-token', 's3cr3t');
  assert.match(problems[0]?.message ?? '', /^file \/x: the login for registry\.example\.com is GitLab's job token/);
  assert.match(problems[0]?.fix ?? '', /deploy token/);
});

test('a date is announced from thirty days before on', () => {
  const expires = { 'registry.example.com': '2026-12-24' };

  assert.equal(check('robot', 's3cr3t', expires, new Date('2026-11-24T23:59:59Z')).warnings.length, 0);
  assert.equal(check('robot', 's3cr3t', expires, new Date('2026-11-25T00:00:00Z')).warnings.length, 1);
});
