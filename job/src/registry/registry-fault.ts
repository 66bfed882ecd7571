import type { LoginOutcome } from './registry-login.ts';

const network = 'check the name of the registry, the network policies and HTTPS_PROXY, HTTP_PROXY, NO_PROXY';

const byCode: ReadonlyArray<[pattern: RegExp, reason: string, fix: string]> = [
  [/^(ENOTFOUND|EAI_)/, 'its name is not found', network],
  [/^ECONNREFUSED$/, 'it refuses the connection', network],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/, 'there is no way to it', network],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, 'it closes the connection', network],
  [/^(ETIMEDOUT|UND_ERR_\w+_TIMEOUT)$/, 'it does not answer in time', network],
  [
    /^(EPROTO|ERR_SSL_)/,
    'it does not speak TLS as we do; over plain http no login is ever sent',
    'let the registry speak https, or set verifyCredentials: off',
  ],
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    'its certificate is not trusted',
    'check the clock of this machine, and the dates in the certificate',
  ],
  [
    /CERT|SIGNATURE|ERR_TLS_/,
    'its certificate is not trusted',
    'give the file of its certificate authority by NODE_EXTRA_CA_CERTS, and check the name in the certificate',
  ],
  [/^HPE_/, 'it does not answer as a web server does', network],
];

/**
 * Why a request got no answer. The error's own message is not told: it may quote what was sent.
 *
 * @param seconds the time limit that ended it, if it was that
 */
export function faultOf(error: unknown, seconds: number): LoginOutcome & { kind: 'unreachable' } {
  const code = codeOf(error);
  if (error instanceof Error && error.name === 'TimeoutError') {
    return { kind: 'unreachable', reason: `it does not answer within ${seconds} s`, fix: network };
  }
  const proxyStatus = /^Proxy response \((\d{3})\)/.exec(error instanceof Error ? error.message : '')?.[1];
  if (proxyStatus !== undefined) {
    const fix = 'check HTTPS_PROXY and its login, and what the proxy lets through; NO_PROXY goes around it';
    return { kind: 'unreachable', reason: `the proxy answers ${proxyStatus}`, fix };
  }
  const known = byCode.find(([pattern]) => pattern.test(code));
  const [, reason, fix] = known ?? [undefined, 'the request fails', network];
  return { kind: 'unreachable', reason: code === '' ? reason : `${reason} (${code})`, fix };
}

/** The code at the root; where several addresses of a name were tried, of the first. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const first = error instanceof AggregateError ? error.errors[0] : undefined;
  const root = codeOf(first) || codeOf(error.cause);
  return root || ('code' in error && typeof error.code === 'string' ? error.code : '');
}
