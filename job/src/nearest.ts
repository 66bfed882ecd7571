import { distance } from 'fastest-levenshtein';

/** The words that somebody most likely meant, the likest first; none where none is near. */
export function nearest(word: string, known: readonly string[]): string[] {
  return known
    .map((one) => ({ one, far: distance(word, one) }))
    .filter(({ far }) => far <= Math.max(2, word.length / 3))
    .toSorted((a, b) => a.far - b.far)
    .map(({ one }) => one);
}
