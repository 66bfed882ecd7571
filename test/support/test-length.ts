const lengths = ['short', 'long'] as const;
type Length = (typeof lengths)[number];

const asked = process.env.PULLSECRET_SYNC_TEST_LENGTH ?? 'short';
if (!isLength(asked)) throw new Error(`PULLSECRET_SYNC_TEST_LENGTH is ${asked}: write ${lengths.join(' or ')}`);
const length: Length = asked;

function isLength(text: string): text is Length {
  return (lengths as readonly string[]).includes(text);
}

/** How often a test does what it does: in `npm test`, and in `npm run test:long`. */
export function rounds(numbers: Record<Length, number>): number {
  return numbers[length];
}
