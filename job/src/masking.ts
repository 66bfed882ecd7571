/** Shorter values are words that messages need, and masking them would say where they occur. */
const shortestMasked = 6;

/**
 * The second line of defence against a credential in the output. The first is that no message is made from a value;
 * this one catches what others quote: an admission webhook's refusal, for instance, may hold the object it refused.
 */
export interface Mask {
  /** Hides a value from now on, in plain text, base64, URL-encoded and as JSON escapes it. */
  add(value: Buffer | string): void;
  /** The text with `***` for each hidden value. */
  apply(text: string): string;
}

export function createMask(): Mask {
  const hidden = new Set<string>();
  return {
    add(value) {
      const text = value.toString('utf8');
      if (text.length < shortestMasked) return;
      const base64 = Buffer.from(value).toString('base64');
      for (const form of [
        text,
        base64,
        base64.replace(/=+$/, ''),
        encodeURIComponent(text),
        JSON.stringify(text).slice(1, -1),
      ]) {
        hidden.add(form);
      }
    },
    apply(text) {
      let masked = text;
      for (const value of [...hidden].toSorted((a, b) => b.length - a.length)) masked = masked.replaceAll(value, '***');
      return masked;
    },
  };
}
