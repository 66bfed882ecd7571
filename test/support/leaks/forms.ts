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

const hex = (code: number) => code.toString(16);

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

/**
 * Every form of a text of letters and digits. URL encoding, escapes of JSON, YAML and shells, however often one is put in
 * the other, leave such a text as it is, and its base64 has no character in which the alphabets of base64 differ.
 */
export function formsOf(text: string): Form[] {
  const inBase64 = insideBase64(Buffer.from(text));
  return [
    { name: 'plain', text, shortest: shortestRun },
    ...inBase64.map((each) => ({ name: 'base64', text: each, shortest: Math.floor((shortestRun * 8) / 6) })),
    // As in the `data` of a Secret, where a docker config has its login in base64.
    ...inBase64
      .flatMap((each) => insideBase64(Buffer.from(each)))
      .map((each) => ({
        name: 'base64 of base64',
        text: each,
        shortest: Math.floor((shortestRun * 8 * 8) / 6 / 6) - 2,
      })),
    ...Object.entries(spellings).map(([name, spell]) => ({
      name,
      text: spelt(text, spell),
      shortest: shortestSpelt(text, spell),
    })),
  ];
}

function spelt(text: string, spell: (code: number) => string): string {
  return [...text].map((character) => spell(character.charCodeAt(0))).join('');
}

function shortestSpelt(text: string, spell: (code: number) => string): number {
  const lengths = Array.from(
    { length: text.length - shortestRun + 1 },
    (_, at) => spelt(text.slice(at, at + shortestRun), spell).trimEnd().length,
  );
  return Math.min(...lengths);
}
