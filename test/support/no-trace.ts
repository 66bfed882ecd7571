import assert from 'node:assert/strict';
import { insideBase64 } from './inside-base64.ts';

/** Nothing of a secret is in a text: neither plain nor inside of any base64. */
export function assertNoTrace(text: string, secret = 's3cr3t'): void {
  for (const trace of [secret, ...insideBase64(Buffer.from(secret))])
    assert.ok(!text.includes(trace), 'a message shows a secret');
}
