import assert from 'node:assert/strict';
import type { Helm } from './support.ts';

/** The chart's own sentences in Helm's error, which puts the place before the first. */
export async function sentences(helm: Helm, values: object): Promise<string[]> {
  const error = await helm.refusal({ values });
  const [, message] = /execution error at \([^)]*\): (.*?)\n\n/s.exec(error) ?? [];
  assert.ok(message, error);
  return message.split('\n');
}
