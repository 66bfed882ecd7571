const lengths = ['short', 'long'] as const;
type Length = (typeof lengths)[number];

/** The variable that says how long the tests are, `short` or `long`. */
export const lengthVariable = 'PULLSECRET_SYNC_TEST_LENGTH';

const asked = process.env[lengthVariable] ?? 'short';
if (!isLength(asked)) throw new Error(`${lengthVariable} is ${asked}: write ${lengths.join(' or ')}`);
const length: Length = asked;

function isLength(text: string): text is Length {
  return (lengths as readonly string[]).includes(text);
}

/** What differs between `npm test` and `npm run test:long`: how often a test does what it does, for example. */
export function byLength<T>(choices: Record<Length, T>): T {
  return choices[length];
}
