import * as z from 'zod/mini';
import { nearest } from '../nearest.ts';

const kinds: Record<string, string> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a whole number',
  record: 'an object',
  string: 'a string (quote it)',
};

/** A fault of the configuration that its schema has no sentence of its own for; Zod's is "Invalid input" for all. */
export function faultSentence(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'invalid_key':
      return 'is an empty key';
    default:
      return 'has a value that is not allowed here';
  }
}

/** An object with these keys and no others; an unknown one is answered with the nearest. */
export function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, known)).join(', ');
      if (issue.code === 'invalid_type') return `must be an object with ${known.join(', ')}`;
      return undefined;
    },
  });
}

function unknownKey(key: string, known: string[]): string {
  const [near] = nearest(key, known);
  return near === undefined
    ? `has the unknown key "${key}" (known: ${known.join(', ')})`
    : `has the unknown key "${key}" (did you mean "${near}"?)`;
}
