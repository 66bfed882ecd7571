import { isIP } from 'node:net';
import { generate } from 'selfsigned';

/** A certificate that is its own authority, and its key; both PEM. */
export interface Certificate {
  certificate: string;
  key: string;
}

const day = 86_400_000;

/**
 * Makes a certificate for names and IPv4 addresses.
 *
 * @param validity from and to; default: from yesterday on, for a month
 */
export async function makeCertificate(
  names: readonly [string, ...string[]],
  [notBeforeDate, notAfterDate] = [new Date(Date.now() - day), new Date(Date.now() + 30 * day)],
): Promise<Certificate> {
  const altNames = names.map((name) =>
    isIP(name) ? { type: 7 as const, ip: name } : { type: 2 as const, value: name },
  );
  const { cert, private: key } = await generate([{ name: 'commonName', value: names[0] }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate,
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames },
    ],
  });
  // Files of several certificates are made by joining them.
  return { certificate: `${cert.trim()}\n`, key };
}
