/** A string, and the colon that makes it a key; or the beginning or end of an object. */
const tokens = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]/g;

/**
 * The path of every key of a JSON text, in its order. `JSON.parse` keeps the last of two equal keys without a word; here
 * both are to be seen.
 *
 * @param text a valid JSON text
 */
export function keyPaths(text: string): string[][] {
  const paths: string[][] = [];
  const path: string[] = [];
  let depth = 0;
  for (const [token, string, colon] of text.matchAll(tokens)) {
    if (token === '{') depth += 1;
    else if (token === '}') depth -= 1;
    else if (colon !== undefined) {
      path.length = depth - 1;
      path.push(JSON.parse(string as string));
      paths.push([...path]);
    }
  }
  return paths;
}
