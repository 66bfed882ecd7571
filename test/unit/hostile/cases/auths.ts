import {
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

const login = `${username}:${password}`;
const good = base64(login);
/** Of each length that padding depends on. */
const logins = [login, `${login}a`, `${login}ab`];
const bytes = (...codes: number[]) => Buffer.concat([Buffer.from(`${username}:`), Buffer.from(codes)]);

function taken(what: string, auth: string, arrives: string | Buffer = login): HostileCase {
  return delivered(what, secret(configOf({ auth })), { [host]: arrives });
}

function notTaken(what: string, auth: string): HostileCase {
  return refused(what, secret(configOf({ auth })), 'badAuth');
}

export const auths: HostileCase[] = [
  ...logins.slice(1).map((one) => taken(`auth of ${one.length} bytes`, base64(one), one)),
  ...logins
    .filter((one) => one.length % 3 > 0)
    .map((one) => taken(`auth of ${one.length} bytes without padding`, base64(one).replace(/=+$/, ''), one)),
  taken('auth in lines', good.replace(/.{8}/g, '$&\n')),
  taken('auth in lines of Windows', `${good.replace(/.{8}/g, '$&\r\n')}\r\n`),
  taken('auth between blanks', ` \t${good}  `),
  taken('auth with a newline at its end', `${good}\n`),
  taken('auth of a password with a newline at its end, as echo makes it', base64(`${login}\n`), `${login}\n`),
  taken('auth of a password with colons', base64(`${username}::a:`), `${username}::a:`),
  taken('auth of a password of one colon', base64(`${username}::`), `${username}::`),
  taken('auth of the shortest login', base64('a:b'), 'a:b'),
  taken('auth of a NUL on each side', base64('\0:\0'), '\0:\0'),
  taken('auth of a password that ends in NULs', base64(`${login}\0\0`), `${login}\0\0`),
  taken(
    'auth of bytes that are no UTF-8',
    bytes(0xff, 0xfe, 0x00, 0x80).toString('base64'),
    bytes(0xff, 0xfe, 0x00, 0x80),
  ),
  taken('auth of Latin-1', Buffer.from('u:pässwörd', 'latin1').toString('base64'), Buffer.from('u:pässwörd', 'latin1')),
  taken('auth of half of a character in bytes', bytes(0xed, 0xa0, 0xbd).toString('base64'), bytes(0xed, 0xa0, 0xbd)),
  taken(
    'auth of a username that is no UTF-8',
    Buffer.from([0xe4, 0x3a, 0x62]).toString('base64'),
    Buffer.from([0xe4, 0x3a, 0x62]),
  ),
  taken(
    'auth of every byte',
    Buffer.concat([Buffer.from('u:'), Buffer.from(Uint8Array.from({ length: 256 }, (_, code) => code))]).toString(
      'base64',
    ),
    Buffer.concat([Buffer.from('u:'), Buffer.from(Uint8Array.from({ length: 256 }, (_, code) => code))]),
  ),
  taken('auth of a login that looks like base64', base64(`${username}:${good}`), `${username}:${good}`),
  taken('auth of a byte order mark before the login', base64(`\ufeff${login}`), `\ufeff${login}`),
  taken('auth with bits in its end that mean nothing', 'YTpiYh==', 'a:bb'),
  notTaken('auth in the base64 of URLs', Buffer.from('a:\u00ff\u00fe??>>').toString('base64url')),
  notTaken('auth that was encoded twice', base64(good)),
  notTaken('auth in hexadecimal', Buffer.from(login).toString('hex')),
  notTaken('auth that is not encoded', login),
  notTaken('auth that is not encoded and of base64 signs', 'robot:password'),
  notTaken('auth of a URL-encoded login', encodeURIComponent(login)),
  notTaken('auth as a header has it', `Basic ${good}`),
  notTaken('auth in quotes', `"${good}"`),
  notTaken('auth with a comma after it', `${good},`),
  notTaken('auth cut by one sign', `${good.replace(/=+$/, '')}A`.slice(0, 33)),
  notTaken('auth with three signs of padding', `${good.replace(/=+$/, '')}===`),
  notTaken('auth with padding in the middle', `${base64('a:b')}=${good}`),
  notTaken('auth of two logins, each with padding', `${base64('ab:cd')}${base64('ab:cd')}`),
  notTaken('auth with a blank in the middle', `${good.slice(0, 8)} ${good.slice(8)}`),
  notTaken('auth with a tab in the middle', `${good.slice(0, 8)}\t${good.slice(8)}`),
  notTaken('auth with a NUL at its end', `${good}\0`),
  notTaken('auth with a zero-width blank', `${good.slice(0, 8)}\u200b${good.slice(8)}`),
  notTaken('auth of letters that only look like ASCII', good.replace(/[A-Z]/, '\uff21')),
  notTaken('auth of blanks', '   '),
  notTaken('auth of padding', '===='),
  notTaken('auth of a placeholder', '<base64 of username:password>'),
  notTaken('auth of a variable that nobody replaced', '$\u007bREGISTRY_AUTH}'),
  notTaken('auth of no colon', base64(password)),
  notTaken('auth of a colon', base64(':')),
  notTaken('auth of no username', base64(`:${password}`)),
  notTaken('auth of no password', base64(`${username}:`)),
  notTaken('auth of UTF-16, where each byte is followed by a NUL', Buffer.from(password, 'utf16le').toString('base64')),
  refused('auth that is not base64 beside a pair', secret(configOf({ username, password, auth: '!!!' })), 'badAuth'),
  refused(
    'auth without a username in a legacy map',
    secret(JSON.stringify({ [host]: { auth: base64(`:${password}`) } }), 'dockercfg'),
    'badAuth',
  ),
  refused('auth that is cut, in a file', file(configOf({ auth: good.slice(0, 9) })), 'badAuth'),
];
