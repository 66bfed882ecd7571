import assert from 'node:assert/strict';

/**
 * Nothing of a secret is in a text: neither plain nor inside of any base64, where it has three forms, by how many bytes
 * stand before it.
 */
export function assertNoTrace(text: string, secret = 's3cr3t'): void {
  const encoded = [0, 1, 2].map((before) => {
    const base64 = Buffer.from(' '.repeat(before) + secret).toString('base64');
    // Only the characters that hold no bit of a neighbour.
    return base64.slice(Math.ceil((before * 8) / 6), Math.floor(((before + secret.length) * 8) / 6));
  });
  for (const trace of [secret, ...encoded]) assert.ok(!text.includes(trace), 'a message shows a secret');
}
