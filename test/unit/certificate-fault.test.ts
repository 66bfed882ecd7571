import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeCertificateFault, isCertificateFault } from '../../job/src/cluster/certificate-fault.ts';
import { ClusterError, remedy } from '../../job/src/cluster/cluster-error.ts';

const now = new Date('2026-01-01T05:00:00Z');

function problemWith(code: string): ClusterError {
  const request = { verb: 'get', resource: 'configmaps', name: 'a', namespace: 'b' } as const;
  return new ClusterError('untrusted', request, describeCertificateFault(code, now));
}

for (const code of ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']) {
  test(`${code} is told with the time that the clock here tells, which may be what is wrong`, () => {
    const error = problemWith(code);

    assert.match(error.message, /not trusted at the time that the clock here tells, 2026-01-01T05:00:00.000Z/);
    assert.match(remedy(error), /set the clock of this machine right/);
  });
}

for (const code of ['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_GET_ISSUER_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID']) {
  test(`${code} has nothing to do with the clock`, () => {
    const error = problemWith(code);

    assert.ok(isCertificateFault(code));
    assert.doesNotMatch(`${error.message} ${remedy(error)}`, /clock/);
    assert.equal(error.ambiguous, false);
  });
}

test('what a server says of our own certificate, and a connection that breaks, are no faults of its certificate', () => {
  for (const code of ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'ECONNRESET', ''])
    assert.equal(isCertificateFault(code), false);
});
