import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate that is its own authority, and its key; both PEM. */
export interface Certificate {
  certificate: string;
  key: string;
}

const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const commonName = '2.5.4.3';
const basicConstraints = '2.5.29.19';
const subjectAltName = '2.5.29.17';
const day = 86_400_000;

/**
 * Makes a certificate for names and addresses. Node's own `crypto` can read certificates and not make any; this writes the
 * few fields that it takes. Source: RFC 5280, 4.1.
 *
 * @param validity from and to; default: from yesterday on, for a month
 */
export function makeCertificate(
  names: readonly string[],
  [from, to] = [new Date(Date.now() - day), new Date(Date.now() + 30 * day)],
): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(objectId(commonName), text(names[0] ?? 'test'))));
  const algorithm = sequence(objectId(ecdsaWithSha256));
  const toBeSigned = sequence(
    field(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    name,
    sequence(time(from), time(to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    field(0xa3, sequence(extension(basicConstraints, sequence(field(0x01, Buffer.from([0xff])))), altNames(names))),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const whole = sequence(toBeSigned, algorithm, field(0x03, Buffer.from([0]), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    certificate: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

function altNames(names: readonly string[]): Buffer {
  const each = names.map((name) =>
    isIP(name) === 4 ? field(0x87, Buffer.from(name.split('.').map(Number))) : field(0x82, Buffer.from(name)),
  );
  return extension(subjectAltName, sequence(...each));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(objectId(id), field(0x04, value));
}

function sequence(...parts: Buffer[]): Buffer {
  return field(0x30, ...parts);
}

function set(...parts: Buffer[]): Buffer {
  return field(0x31, ...parts);
}

function integer(bytes: Buffer): Buffer {
  return field(0x02, bytes);
}

function text(value: string): Buffer {
  return field(0x0c, Buffer.from(value));
}

/** UTCTime: two digits of the year, and no parts of a second. */
function time(date: Date): Buffer {
  return field(
    0x17,
    Buffer.from(
      `${date
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2)}`,
    ),
  );
}

/** The first two numbers are one byte, each further one is base 128, the highest bit set in all bytes but the last. */
function objectId(id: string): Buffer {
  const [first = 0, second = 0, ...rest] = id.split('.').map(Number);
  const bytes = rest.flatMap((number) => {
    const digits = [number & 0x7f];
    for (let left = number >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return field(0x06, Buffer.from([first * 40 + second, ...bytes]));
}

/** A tag, the length of what follows, and that. */
function field(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
