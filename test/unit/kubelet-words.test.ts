import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meaningOf, type PullFault, shortened } from '../../job/src/chain/kubelet-words.ts';

const image = 'registry.example.com/team/app:1';
const pull = `failed to pull and unpack image "${image}": failed to resolve image: `;

/** Words of a kubelet 1.37 over containerd 2.4, and of others as their sources have them. */
const cases: Array<[fault: PullFault, message: string, reason?: string]> = [
  [
    'noLogin',
    `${pull}pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials`,
  ],
  [
    'refused',
    `${pull}unexpected status from HEAD request to http://127.0.0.1:5001/v2/team/app/manifests/1?ns=registry.example.com: 401 Unauthorized`,
  ],
  [
    'refused',
    `${pull}failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://auth.docker.io/token?scope=x: 401 Unauthorized`,
  ],
  ['refused', 'reading manifest 1 in registry.example.com/team/app: unauthorized: authentication required'],
  [
    'refused',
    `${pull}unexpected status from HEAD request: 403 Forbidden: Your authorization token has expired. Reauthenticate and try again.`,
  ],
  [
    'denied',
    `${pull}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
  ],
  ['denied', `${pull}unexpected status from HEAD request to https://registry.example.com/v2/: 403 Forbidden`],
  ['denied', 'denied: access forbidden'],
  ['limit', `${pull}unexpected status from HEAD request to https://registry-1.docker.io/v2/: 429 Too Many Requests`],
  ['limit', 'toomanyrequests: You have reached your unauthenticated pull rate limit.'],
  ['notFound', `rpc error: code = NotFound desc = ${pull}${image}: not found`],
  ['notFound', 'manifest unknown: manifest unknown'],
  ['platform', `${pull}no match for platform in manifest: not found`],
  [
    'name',
    `couldn't parse image name "${image}": invalid reference format: repository name (TEAM/app) must be lowercase`,
    'InvalidImageName',
  ],
  ['never', `Container image "${image}" is not present with pull policy of Never`, 'ErrImageNeverPull'],
  [
    'certificate',
    `${pull}failed to do request: Head "https://registry.example.com/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
  ],
  [
    'plainHttp',
    `${pull}failed to do request: Head "https://registry.example.com/v2/": http: server gave HTTP response to HTTPS client`,
  ],
  [
    'unknownHost',
    `${pull}failed to do request: Head "https://nohost.example.com/v2/": dial tcp: lookup nohost.example.com on 10.0.0.10:53: no such host`,
  ],
  [
    'unknownHost',
    `${pull}failed to do request: Head "https://x/v2/": dial tcp: lookup x on 10.255.255.53:53: dial udp 10.255.255.53:53: connect: network is unreachable`,
  ],
  [
    'network',
    `${pull}failed to do request: Head "https://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused`,
  ],
  ['network', `${pull}failed to do request: Head "https://x/v2/": dial tcp 10.1.2.3:443: i/o timeout`],
  [
    'network',
    `${pull}failed to do request: Head "https://x/v2/": proxyconnect tcp: dial tcp 10.1.2.3:3128: connect: connection refused`,
  ],
  ['network', 'image pull failed for x because the registry is unavailable', 'RegistryUnavailable'],
  ['room', 'failed to extract layer: write /var/lib/x: no space left on device'],
  ['signature', 'image pull failed because the signature validation failed', 'SignatureValidationFailed'],
  ['server', `${pull}unexpected status from HEAD request to https://registry.example.com/v2/: 503 Service Unavailable`],
  ['unknown', 'something that nobody foresaw'],
];
for (const [fault, message, reason = 'ErrImagePull'] of cases) {
  test(`${fault}: ${message.replace(pull, '')}`, () => {
    const { fault: found, says, fix } = meaningOf(reason, message, image);

    assert.equal(found, fault);
    assert.ok(says.length > 0 && fix.length > 0);
  });
}

test('the name of an image is no word of the kubelet', () => {
  const odd = 'registry.example.com/denied/unauthorized:not found';

  assert.equal(
    meaningOf('ErrImagePull', `failed to pull "${odd}": dial tcp 10.1.2.3:443: i/o timeout`, odd).fault,
    'network',
  );
});

test('of a message the end is told, where what is the matter stands', () => {
  const whole = `Back-off pulling image "${image}": ErrImagePull: rpc error: code = NotFound desc = ${pull}${image}: not found`;

  assert.equal(shortened(whole), `${image}: not found`);
  assert.equal(shortened(`Back-off pulling image "${image}"`), '');
  assert.equal(shortened(`Failed to pull image "${image}": ${pull}401 Unauthorized`), '401 Unauthorized');
});

test('a page that a registry answers with is cut', () => {
  assert.equal(shortened('x'.repeat(5000)).length, 301);
});
