import {
  base64,
  configOf,
  delivered,
  file,
  type HostileCase,
  password,
  refused,
  secret,
  username,
} from '../hostile-case.ts';

const whole = JSON.stringify({ auths: { 'a.example.com': { auth: base64(`${username}:${password}`) } } });
const spelled = configOf({ username, password });

/** Where a writer may stop: after each sign that JSON is built of, and within a word. */
function cutsOf(text: string): number[] {
  const ends = [...text.matchAll(/["{}:,]|(?<=[a-z]{3})[a-z]/g)].map(({ index }) => index + 1);
  return ends.filter((end) => end < text.length);
}

export const truncated: HostileCase[] = [
  ...cutsOf(spelled).map((end) => refused(`cut after ${end} characters`, secret(spelled.slice(0, end)), 'notJson')),
  ...cutsOf(whole)
    .filter((_, index) => index % 3 === 0)
    .map((end) => refused(`a file cut after ${end} characters`, file(whole.slice(0, end)), 'notJson')),
  ...[1, 2, 3, 10].map((begin) =>
    refused(`without its first ${begin} characters`, secret(spelled.slice(begin)), 'notJson'),
  ),
  refused('nothing at all', secret(''), 'empty'),
  refused('an empty file', file(''), 'empty'),
  refused('blanks only', secret(' \t\r\n'), 'empty'),
  refused('a byte order mark only', file('\ufeff'), 'empty'),
  refused('cut and written again from the start', file(spelled.slice(0, 30) + spelled), 'notJson'),
  refused('whole, with the end of an older and longer one', file(`${spelled}"}}}`), 'notJson'),
  refused('one after the other', file(`${spelled}${whole}`), 'notJson'),
  refused('one a line', secret(`${spelled}\n${whole}\n`), 'notJson'),
  refused('with NULs that fill the block', file(`${spelled}${'\0'.repeat(512)}`), 'notJson'),
  refused('NULs only, as after a crash', file('\0'.repeat(64)), 'notJson'),
  refused(
    'cut within a character',
    file(Buffer.from(configOf({ username, password: '€' })).subarray(0, -5)),
    'notUtf8',
  ),
  delivered('whole, with a newline at its end', secret(`${spelled}\n`)),
  delivered('whole, with blanks around it', file(`\n\t ${spelled} \r\n`)),
];
