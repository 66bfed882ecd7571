import { insideBase64 } from '../../support/inside-base64.ts';

/** From how many characters on a piece of a secret counts: shorter ones are in any text by chance. */
const shortest = 6;

/**
 * A piece of one of the secrets that is in a text, as it is, in base64 of any kind, URL-encoded or escaped as in JSON;
 * `undefined` where there is none.
 *
 * @param known what the text may hold whatever the secrets are, such as names of registries
 */
export function traceOf(secrets: readonly Buffer[], text: string, known: string): string | undefined {
  const sums = new Set<number>();
  for (let at = 0; at + shortest <= text.length; at++) sums.add(sumOf(text, at));
  for (const form of secrets.flatMap(formsOf)) {
    for (let at = 0; at + shortest <= form.length; at++) {
      if (!sums.has(sumOf(form, at))) continue;
      const piece = form.slice(at, at + shortest);
      if (text.includes(piece) && !known.includes(piece)) return piece;
    }
  }
  return undefined;
}

/** A number that equal pieces have in common. A set of millions of pieces themselves would take most of the tests' time. */
function sumOf(text: string, begin: number): number {
  let sum = 0;
  for (let at = begin; at < begin + shortest; at++) sum = (sum * 31 + text.charCodeAt(at)) | 0;
  return sum;
}

function formsOf(secret: Buffer): string[] {
  const text = secret.toString('utf8');
  const json = JSON.stringify(text).slice(1, -1);
  const inGo = json.replace(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const encoded = insideBase64(secret).flatMap((base64) => [base64, base64.replaceAll('+', '-').replaceAll('/', '_')]);
  return [...new Set([text, secret.toString('latin1'), json, inGo, encodeURIComponent(text), ...encoded])];
}
