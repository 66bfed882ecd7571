/** OpenSSL's and Node's codes for a certificate that this program does not trust. */
const untrusted = /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_)/;
const outOfDate = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

export function isCertificateFault(code: string): boolean {
  return untrusted.test(code);
}

/** Why a server's certificate is not trusted. It is as often the clock here that is wrong as the certificate. */
export function describeCertificateFault(code: string, now: Date): string {
  const time = outOfDate.has(code) ? ` at the time that the clock here tells, ${now.toISOString()}` : '';
  return `the certificate that the server shows is not trusted${time} (${code})`;
}

/** What to do about it, in one sentence. */
export function certificateRemedy(message: string): string {
  return [...outOfDate].some((code) => message.includes(code))
    ? 'set the clock of this machine right; where it is right, renew the certificate of the API server, or of what stands before it'
    : 'check the certificate authority in the kubeconfig, and that the certificate names the address of the API server';
}
