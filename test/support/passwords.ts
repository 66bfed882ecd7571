import { exceptPasswords, searchForWhole, uniquePassword } from './leaks/unique-password.ts';

const odd = [
  '"',
  `'"'"'`,
  '\\',
  '\\n',
  '{{ .Release.Name }}',
  '{{- fail "no" -}}',
  '$HOME $\u007bHOME} $(id) `id`',
  '%s%d%!',
  '<&>',
  'pässwörd 密码 🔑 \u2028\u2029',
  'first line\nsecond line\n',
  'carriage\r\nreturn',
  'tab\there',
  '\u0001\u0007\u001b\u007f\u0085\u009f\ufeff',
  'true',
  'null',
  '~',
  'yes',
  '12345678',
  '0x1F',
  '1e3',
  '2027-01-31',
  '- a',
  '#comment',
  'a: b',
  '*anchor &anchor !tag',
  ' leading and trailing ',
  ':',
  'a:b',
  ',',
  'a,b=c',
  '[a]{b}',
  'x'.repeat(4000),
];
exceptPasswords('each breaks something just as it is, with nothing before or after it', odd);
/** A number, a date and a comment, as any text may have them. */
const anywhere = ['12345678', '2027-01-31', '#comment'];
for (const [index, password] of odd.entries()) {
  if (!anywhere.includes(password)) searchForWhole(`number ${index + 2} of all`, Buffer.from(password));
}

/** Passwords that break whatever is not careful: YAML, JSON, shells, templates, Helm's own flags. */
export const passwords = [uniquePassword('s3cr3t', ',p@ss"w\\ord'), ...odd];
