import {
  auth,
  base64,
  configOf,
  delivered,
  file,
  type HostileCase,
  host,
  refused,
  secret,
  username,
} from '../hostile-case.ts';

const before = 'Vq7%xJ2';
const after = '!fB9|tN5';
const name = (sign: string) => `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** Each control character of ASCII and of Latin-1's upper half that differs from the others in how tools treat it. */
const controls = [...Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)), '\u007f', '\u0085', '\u009b'];

/** What other programs drop, change, turn around or take for the end. */
const oddities: Array<[because: string, sign: string]> = [
  ['a blank that does not break', '\u00a0'],
  ['a soft hyphen', '\u00ad'],
  ['a composed umlaut', '\u00e4'],
  ['the same umlaut in two parts', 'a\u0308'],
  ['the small dotless i', '\u0131'],
  ['an ogham blank', '\u1680'],
  ['a zero-width joiner', '\u200d'],
  ['the sign that turns the direction', '\u202e'],
  ['a line separator', '\u2028'],
  ['a paragraph separator', '\u2029'],
  ['the Kelvin sign', '\u212a'],
  ['an ideographic blank', '\u3000'],
  ['a ligature', '\ufb01'],
  ['a byte order mark', '\ufeff'],
  ['the replacement character itself', '\ufffd'],
  ['no character', '\uffff'],
  ['an emoji', '\u{1f511}'],
  ['a family of emojis', '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'],
  ['the last character', '\u{10ffff}'],
  ['many marks on one letter', `a${'\u0301'.repeat(50)}`],
];

export const controlsAndOddities: HostileCase[] = [
  ...controls.map((sign) =>
    delivered(`${name(sign)} in a password`, secret(configOf({ username, password: before + sign + after })), {
      [host]: `${username}:${before}${sign}${after}`,
    }),
  ),
  ...oddities.map(([because, sign]) =>
    delivered(`${because} in username and password`, file(configOf({ username: `u${sign}`, password: sign + after })), {
      [host]: `u${sign}:${sign}${after}`,
    }),
  ),
  ...['\0', '\t', '\n', '\r', '\u001b', '\u001f'].map((sign) =>
    refused(
      `${name(sign)} in a password without an escape`,
      secret(`{"auths":{"${host}":{"username":"u","password":"${before}${sign}${after}"}}}`),
      'notJson',
      before + after,
    ),
  ),
  ...['\0', '\n', '\u0085', '\u007f', ' '].map((sign) =>
    delivered(
      `${name(sign)} at both ends of a password`,
      file(configOf({ auth: base64(`${username}:${sign}${before}${sign}`) })),
      {
        [host]: `${username}:${sign}${before}${sign}`,
      },
    ),
  ),
  delivered('a password of one NUL', secret(configOf({ username, password: '\0' })), { [host]: `${username}:\0` }),
  delivered('a username of one blank', secret(configOf({ username: ' ', password: after })), { [host]: ` :${after}` }),
  delivered('a password of blanks', file(configOf({ username, password: '   ' })), { [host]: `${username}:   ` }),
  ...['\\ud83d', '\\udd11', '\\udd11\\ud83d', '\\ud83dx', '\\ud83d\\u0041'].map((half) =>
    refused(
      `${half} in a password`,
      secret(`{"auths":{"${host}":{"username":"u","password":"${before}${half}${after}"}}}`),
      'halfCharacter',
      before,
      after,
    ),
  ),
  refused(
    'half of a character in a username',
    file(`{"auths":{"${host}":{"username":"u\\ud83d","password":"${after}"}}}`),
    'halfCharacter',
    after,
  ),
  delivered(
    'both halves of a character as escapes',
    secret(`{"auths":{"${host}":{"username":"u","password":"${before}\\ud83d\\udd11"}}}`),
    {
      [host]: `u:${before}\u{1f511}`,
    },
  ),
  delivered(
    'half of a character where auth counts',
    secret(`{"auths":{"${host}":{"username":"u","password":"\\ud83d","auth":"${auth}"}}}`),
    undefined,
    'disagrees',
  ),
  delivered(
    'half of a character in an e-mail address',
    secret(`{"auths":{"${host}":{"email":"a\\ud83d@b","auth":"${auth}"}}}`),
  ),
];
