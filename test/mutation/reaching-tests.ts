import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
/** A relative import of values, static or dynamic. */
const imported = /\b(?:from|import)\s*\(?\s*'(\.[^']+\.ts)'/g;
const typesOnly = /\bimport type [^;]+;/g;
/** What takes seconds, and before it what a mutant is likely to send round in circles, which only its timeout ends. */
const late = [/hostile|mutation/, /follower|engine/];

/**
 * A function that gives the test files that import a file, themselves or by others, and so may notice what becomes of it:
 * quick ones first, and of these the ones that are nearest to it. All files are from the root.
 */
export function testsReaching(): (file: string) => string[] {
  const tests = globSync(['test/unit/**/*.test.ts', 'test/mutation/*.test.ts'], { cwd: root }).toSorted();
  const distances = new Map(tests.map((test) => [test, distancesFrom(test)]));
  return (file) => {
    const rank = (test: string) => {
      const group = late.findIndex((pattern) => pattern.test(test));
      return (group < 0 ? 0 : (late.length - group) * 1000) + (distances.get(test)?.get(file) ?? 0);
    };
    return tests.filter((test) => distances.get(test)?.has(file)).toSorted((a, b) => rank(a) - rank(b));
  };
}

/** Every file that a file imports, with how many imports are between them. */
function distancesFrom(file: string): Map<string, number> {
  const distances = new Map([[file, 0]]);
  // A Map is gone through in the order of its entries, those that are added meanwhile included: nearest first.
  for (const [one, distance] of distances) {
    for (const other of importsOf(one)) if (!distances.has(other)) distances.set(other, distance + 1);
  }
  return distances;
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8').replaceAll(typesOnly, '');
  return [...text.matchAll(imported)].map(([, path = '']) => normalize(join(dirname(file), path)));
}
