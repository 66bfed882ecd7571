import { mapStrings } from '../map-strings.ts';

/**
 * Shorter values are not masked. They are words and numbers that messages need ("true", "ci", "443"), so `***` in their
 * place would tell the password to whoever knows the sentence; and a password of five characters is no secret anyway.
 */
const shortestMasked = 6;

/**
 * The second line of defence against a credential in the output. The first is that no message is made from a value;
 * this one catches what others quote: an admission webhook's refusal, for instance, may hold the object it refused.
 */
export interface Mask {
  /** Hides a value from now on, in plain text, base64, URL-encoded and as JSON escapes it, Go's JSON too. */
  add(value: Buffer | string): void;
  /** The text with `***` for each hidden value. */
  apply(text: string): string;
}

export function createMask(): Mask {
  const hidden = new Set<string>();
  /** Longer ones first: one may be a part of another. */
  let longestFirst: string[] | undefined;
  return {
    add(value) {
      // Half of a character, which JSON can spell, is written as U+FFFD, and encodeURIComponent takes none.
      const text = value.toString('utf8').toWellFormed();
      if (text.length < shortestMasked) return;
      const json = JSON.stringify(text).slice(1, -1);
      const base64 = Buffer.from(value).toString('base64');
      for (const form of [text, base64, base64.replace(/=+$/, ''), encodeURIComponent(text), json, asGoEscapes(json)]) {
        hidden.add(form);
      }
      longestFirst = undefined;
    },
    apply(text) {
      let masked = text;
      longestFirst ??= [...hidden].toSorted((a, b) => b.length - a.length);
      for (const value of longestFirst) masked = masked.replaceAll(value, '***');
      return masked;
    },
  };
}

/**
 * Data with every string in it masked. To be done before the data becomes a text: `***` for a part of YAML or JSON, or for
 * a key, would break it.
 *
 * @param ownWords keys whose values are words of this program, which stay what they are
 */
export function maskStrings<T>(data: T, mask: Mask, ownWords?: ReadonlySet<string>): T {
  return mapStrings(data, mask.apply, ownWords);
}

/** Kubernetes and its webhooks are written in Go, whose JSON escapes more. Source: encoding/json, HTMLEscape. */
function asGoEscapes(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
