import { insideBase64 } from '../inside-base64.ts';

/** A way in which a text may stand in an output. */
export interface Form {
  name: string;
  text: string;
  /** From how many characters on a piece of it counts: what {@link shortestRun} characters of the text give. */
  shortest: number;
}

/** So many characters in a row of a secret are a trace of it; fewer are in any text by chance. */
export const shortestRun = 8;

const hex = (code: number) => code.toString(16).padStart(2, '0');

/** How programs spell bytes that they do not take for text. */
const spellings: Record<string, (code: number) => string> = {
  hexadecimal: hex,
  'upper case hexadecimal': (code) => hex(code).toUpperCase(),
  'hexadecimal with blanks': (code) => `${hex(code)} `,
  'URL encoding of each character': (code) => `%${hex(code).toUpperCase()}`,
  'URL encoding of each character in lower case': (code) => `%${hex(code)}`,
  'escapes of bytes': (code) => `\\x${hex(code)}`,
  'escapes of JSON': (code) => `\\u00${hex(code)}`,
  'numbers with blanks': (code) => `${code} `,
  'numbers with commas': (code) => `${code},`,
  'references of HTML': (code) => `&#${code};`,
};

/** How programs write bytes that mean something else where they stand. Letters and digits stay as they are. */
const escapes: Record<string, (code: number) => string> = {
  'escapes of JSON where it needs them': (code) => JSON.stringify(String.fromCharCode(code)).slice(1, -1),
  'URL encoding': (code) =>
    code < 0x80 ? encodeURIComponent(String.fromCharCode(code)) : `%${hex(code).toUpperCase()}`,
};

/**
 * Every form of a text of letters and digits. URL encoding, escapes of JSON, YAML and shells, however often one is put in
 * the other, leave such a text as it is, and its base64 has no character in which the alphabets of base64 differ. Of any
 * other text those that are most likely.
 *
 * @param text each character of it is a byte
 * @param run so many characters of it in a row count
 */
export function formsOf(text: string, run = shortestRun): Form[] {
  const inBase64 = insideBase64(Buffer.from(text, 'latin1'));
  return [
    { name: 'plain', text, shortest: run },
    ...inBase64.map((each) => inside('base64', each, Math.floor((run * 8) / 6))),
    // As in the `data` of a Secret, where a docker config has its login in base64.
    ...inBase64
      .flatMap((each) => insideBase64(Buffer.from(each)))
      .map((each) => inside('base64 of base64', each, Math.floor((run * 8 * 8) / 6 / 6) - 2)),
    ...Object.entries(escapes)
      .filter(([, spell]) => spelt(text, spell) !== text)
      .map((each) => asSpelt(text, each, run)),
    ...Object.entries(spellings).map((each) => asSpelt(text, each, run)),
  ];
}

/** Of a whole text there is less inside of base64 than a run of its length gives. */
function inside(name: string, text: string, shortest: number): Form {
  return { name, text, shortest: Math.min(shortest, text.length) };
}

function asSpelt(text: string, [name, spell]: [string, (code: number) => string], run: number): Form {
  return { name, text: spelt(text, spell), shortest: shortestSpelt(text, spell, run) };
}

function spelt(text: string, spell: (code: number) => string): string {
  return [...text].map((character) => spell(character.charCodeAt(0))).join('');
}

function shortestSpelt(text: string, spell: (code: number) => string, run: number): number {
  const lengths = Array.from(
    { length: text.length - run + 1 },
    (_, at) => spelt(text.slice(at, at + run), spell).trimEnd().length,
  );
  return Math.min(...lengths);
}
