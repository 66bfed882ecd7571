import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasLoginFor } from '../../job/src/pods/image-login.ts';

const hub = 'https://index.docker.io/v1/';
const digest = `sha256:${'0'.repeat(64)}`;

/** What the functions of the kubelet's keyring answer, tried with Go 1.26. */
const cases: Array<[key: string, image: string, fits: boolean]> = [
  ['registry.example.com', 'registry.example.com/team/app:1', true],
  ['registry.example.com', `registry.example.com/app@${digest}`, true],
  ['registry.example.com', `registry.example.com/app:1@${digest}`, true],
  ['registry.example.com', 'registry.example.com.evil.net/app', false],
  ['registry.example.com', 'team/registry.example.com/app', false],
  ['registry.example.com', 'registry.example.com:5000/app', false],
  ['registry.example.com', 'registry.example.com:443/app', false],
  ['registry.example.com:5000', 'registry.example.com:5000/app:1', true],
  ['registry.example.com:5000', 'registry.example.com/app', false],
  ['localhost:5000', 'localhost:5000/x', true],
  ['localhost', 'localhost/x', true],
  [hub, 'localhost/x', false],
  [hub, 'nginx', true],
  [hub, 'nginx:1.29', true],
  [hub, `nginx@${digest}`, true],
  [hub, 'team/app', true],
  [hub, 'docker.io/team/app', true],
  [hub, 'index.docker.io/team/app', true],
  [hub, 'registry.example.com/team/app', false],
  ['docker.io/team', 'team/app:1', true],
  ['docker.io/team', 'other/app:1', false],
  ['docker.io/library/nginx', 'nginx:1', true],
  ['registry.gitlab.com/group', 'registry.gitlab.com/group/app', true],
  ['registry.gitlab.com/group', 'registry.gitlab.com/group', true],
  ['registry.gitlab.com/group', 'registry.gitlab.com/group-2/app', true],
  ['registry.gitlab.com/group', 'registry.gitlab.com/other/app', false],
  ['registry.gitlab.com/group', 'registry.gitlab.com/other/group', false],
  ['*.example.com', 'a.example.com/x', true],
  ['*.example.com', 'a.b.example.com/x', false],
  ['*.example.com', 'example.com/x', false],
  ['*.*.example.com', 'a.b.example.com/x', true],
  ['re*-x.example.com/team', 'reg-x.example.com/team/app', true],
  ['a*a.example.com', 'aa.example.com/x', true],
  ['a*a.example.com', 'a.example.com/x', false],
  ['*a*b*.example.com', 'xaybz.example.com/x', true],
  ['*a*b*.example.com', 'xbyaz.example.com/x', false],
  [`${'a*'.repeat(30)}b.example.com`, `${'a'.repeat(60)}.example.com/x`, false],
  ['r?g.example.com', 'reg.example.com/x', false],
  ['reg[12].example.com', 'reg1.example.com/x', false],
  ['[::1]:5000', '[::1]:5000/x', true],
  ['registry.example.com', 'Registry.example.com/x', false],
];

for (const [key, image, fits] of cases) {
  test(`the login of ${key} is ${fits ? 'one' : 'none'} for the image ${image}`, () => {
    assert.equal(hasLoginFor([key], image), fits);
  });
}

test('one fitting key of several is enough, and none of none', () => {
  assert.equal(hasLoginFor(['other.example.com', 'registry.example.com'], 'registry.example.com/app'), true);
  assert.equal(hasLoginFor([], 'registry.example.com/app'), false);
});
