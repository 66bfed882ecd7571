import { gzipSync } from 'node:zlib';
import {
  auth,
  base64,
  configOf,
  delivered,
  file,
  type HostileCase,
  host,
  password,
  refused,
  secret,
  username,
} from '../hostile-case.ts';

const plain = configOf({ username, password });
const umlaut = 'Vq7%xJ2ü!fB9|';
const withUmlaut = configOf({ username, password: umlaut });

/** A password with bytes in it that are no UTF-8. */
function withBytes(...bytes: number[]): Buffer {
  const [before = '', after = ''] = configOf({ username, password: 'Vq7%xJ2@!fB9|' }).split('@');
  return Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
}

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

function utf32le(text: string): Buffer {
  return Buffer.concat([...text].map((sign) => Buffer.from(Uint32Array.of(sign.codePointAt(0) as number).buffer)));
}

export const encodings: HostileCase[] = [
  delivered('UTF-8 with a byte order mark', file(`\ufeff${plain}`)),
  delivered('UTF-8 with a byte order mark and an umlaut', secret(`\ufeff${withUmlaut}`), {
    [host]: `${username}:${umlaut}`,
  }),
  refused('two byte order marks', file(`\ufeff\ufeff${plain}`), 'notJson'),
  refused('a byte order mark at the end', file(`${plain}\ufeff`), 'notJson'),
  refused('Latin-1', secret(Buffer.from(withUmlaut, 'latin1')), 'notUtf8', umlaut),
  refused('Latin-1 in a file', file(Buffer.from(withUmlaut, 'latin1')), 'notUtf8', umlaut),
  refused(
    'Latin-1 in an e-mail address',
    secret(Buffer.from(configOf({ auth, email: 'jürgen@example.com' }), 'latin1')),
    'notUtf8',
  ),
  refused('the euro sign of Windows', secret(withBytes(0x80)), 'notUtf8'),
  refused('Shift JIS', secret(withBytes(0x83, 0x70, 0x83, 0x58)), 'notUtf8'),
  refused('a continuation without a beginning', secret(withBytes(0xbf)), 'notUtf8'),
  refused('a beginning without a continuation', secret(withBytes(0xe2, 0x82)), 'notUtf8'),
  refused('a slash written too long', secret(withBytes(0xc0, 0xaf)), 'notUtf8'),
  refused('a NUL written too long, as Java does', secret(withBytes(0xc0, 0x80)), 'notUtf8'),
  refused('half of a character in bytes', secret(withBytes(0xed, 0xa0, 0xbd)), 'notUtf8'),
  refused('both halves of a character in bytes', secret(withBytes(0xed, 0xa0, 0xbd, 0xed, 0xb4, 0x91)), 'notUtf8'),
  refused('a character beyond the last', secret(withBytes(0xf4, 0x90, 0x80, 0x80)), 'notUtf8'),
  refused('bytes that are in no UTF-8', secret(withBytes(0xfe, 0xff)), 'notUtf8'),
  refused(
    'UTF-16 with a byte order mark, as PowerShell writes it',
    file(Buffer.from(`\ufeff${plain}`, 'utf16le')),
    'notUtf8',
  ),
  refused('UTF-16 of the other order', file(utf16be(`\ufeff${plain}`)), 'notUtf8'),
  refused('UTF-16 without a byte order mark', file(Buffer.from(plain, 'utf16le')), 'notJson'),
  refused('UTF-16 of the other order without a byte order mark', secret(utf16be(plain)), 'notJson'),
  refused('UTF-32', file(utf32le(plain)), 'notJson'),
  refused('UTF-7', file(plain.replaceAll('{', '+AHs-').replaceAll('"', '+ACI-')), 'notJson'),
  refused('gzip', file(gzipSync(plain)), 'notUtf8'),
  refused('base64', secret(base64(plain)), 'encodedTwice'),
  refused('base64 with lines of 76', secret(base64(plain).replace(/.{76}/g, '$&\n')), 'encodedTwice'),
  refused('base64 in a file', file(`${base64(plain)}\n`), 'encodedTwice'),
  refused('base64 for URLs', secret(Buffer.from(withUmlaut).toString('base64url')), 'encodedTwice'),
  refused('base64 three times', secret(base64(base64(base64(plain)))), 'notJson'),
  refused('hexadecimal', secret(Buffer.from(plain).toString('hex')), 'notJson'),
  refused('URL-encoded', secret(encodeURIComponent(plain)), 'notJson'),
  refused('escaped for HTML', secret(plain.replaceAll('"', '&quot;')), 'notJson'),
  refused('quoted-printable', file(plain.replaceAll('=', '=3D').replaceAll('{', '=7B')), 'notJson'),
  refused('a JSON string that holds JSON', secret(JSON.stringify(plain)), 'notJson'),
  refused('quotes escaped for a shell', file(plain.replaceAll('"', '\\"')), 'notJson'),
  refused('quotes of a word processor', file(plain.replaceAll('"', '”')), 'notJson'),
  refused('blanks that do not break', file(plain.replaceAll(':', ':\u00a0')), 'notJson'),
  refused('form feeds between its signs', secret(plain.replaceAll(',', ',\f')), 'notJson'),
  refused('line separators between its signs', secret(plain.replaceAll(',', ',\u2028')), 'notJson'),
  refused('a NUL after every sign', secret(plain.replaceAll(',', ',\0')), 'notJson'),
  refused('terminal colours of a tool around it', file(`\u001b[32m${plain}\u001b[0m`), 'notJson'),
  delivered('the line ends of Windows', file(JSON.stringify(JSON.parse(plain), undefined, 2).replaceAll('\n', '\r\n'))),
  delivered(
    'the line ends of old Macs',
    secret(JSON.stringify(JSON.parse(plain), undefined, 2).replaceAll('\n', '\r')),
  ),
  delivered(
    'every character as an escape',
    secret(
      plain.replace(/(?<=:")[^"]+(?=")/g, (text) =>
        [...text].map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
      ),
    ),
  ),
];
