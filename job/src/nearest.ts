import { distance } from 'fastest-levenshtein';

/** The word that somebody most likely meant; `undefined` where none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const [first] = known.toSorted((a, b) => distance(word, a) - distance(word, b));
  return first !== undefined && distance(word, first) <= Math.max(2, word.length / 3) ? first : undefined;
}
