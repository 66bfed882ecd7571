import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
/** A relative import of values, static or dynamic. */
const imported = /\b(?:from|import)\s*\(?\s*'(\.[^']+\.ts)'/g;
const typesOnly = /\bimport type [^;]+;/g;

/** What takes seconds. */
const slow = /hostile|mutation/;

/**
 * The test files that import one of these files, themselves or by others, and so may notice what becomes of it: the quick ones
 * first.
 *
 * @param files from the root, as what is returned
 */
export function testsReaching(files: readonly string[]): string[] {
  const tests = globSync(['test/unit/**/*.test.ts', 'test/mutation/*.test.ts'], { cwd: root }).toSorted();
  const reaching = tests.filter((file) => {
    const reached = reachedFrom(file);
    return files.some((one) => reached.has(one));
  });
  return [...reaching.filter((file) => !slow.test(file)), ...reaching.filter((file) => slow.test(file))];
}

function reachedFrom(file: string, reached = new Set<string>()): Set<string> {
  if (reached.has(file)) return reached;
  reached.add(file);
  for (const [, path = ''] of readFileSync(join(root, file), 'utf8').replaceAll(typesOnly, '').matchAll(imported)) {
    reachedFrom(normalize(join(dirname(file), path)), reached);
  }
  return reached;
}
