import assert from 'node:assert/strict';
import { type Reason, reasons } from './reasons.ts';

/** Every message begins with the name of a source, or has it among others, and goes on with its reason. */
export function assertSaid(messages: readonly string[], expected: readonly Reason[], origins: readonly string[]): void {
  assert.equal(messages.length, expected.length, messages.join('\n'));
  for (const [index, message] of messages.entries()) {
    const origin = origins.find((one) => message.includes(one)) ?? assert.fail(`no source is named: ${message}`);
    const rest = message.startsWith(origin) ? message.slice(origin.length).trimStart() : message;
    assert.match(rest, reasons[expected[index] as Reason]);
  }
}
