import { randomUUID, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '../../scripts/cluster/certificate.ts';
import type { TokenServerOptions } from '../../scripts/cluster/registry.ts';

/** What a token server does with a login: a token, or the answer that it gives. */
export type TokenAnswer = 'token' | { status: number; body: object };

export interface TokenServer extends AsyncDisposable {
  /** What a registry has to know of it. */
  options: TokenServerOptions;
}

const service = 'registry of the test';
const issuer = 'token server of the test';

/** The server that gives the tokens which a real registry takes. Source: the distribution project's token specification. */
export async function startTokenServer(
  address: string,
  tls: Certificate,
  answer: (login: string) => TokenAnswer,
): Promise<TokenServer> {
  const server = createServer({ cert: tls.certificate, key: tls.key }, (request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'https://here');
    const [scheme, login = ''] = (request.headers.authorization ?? '').split(' ');
    const isAsked = scheme === 'Basic' && searchParams.get('service') === service;
    const given = isAsked ? answer(Buffer.from(login, 'base64').toString()) : { status: 400, body: {} };
    const { status, body } = given === 'token' ? { status: 200, body: { token: tokenOf(tls) } } : given;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    options: { realm: `https://${address}:${port}/token`, service, issuer, certificate: tls.certificate },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function tokenOf({ certificate, key }: Certificate): string {
  const now = Math.floor(Date.now() / 1000);
  const header = { typ: 'JWT', alg: 'ES256', x5c: [new X509Certificate(certificate).raw.toString('base64')] };
  const claims = { iss: issuer, sub: 'robot', aud: service, nbf: now - 60, iat: now, exp: now + 300 };
  const text = [header, { ...claims, jti: randomUUID(), access: [] }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
