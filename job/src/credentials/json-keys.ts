/** What ends a string or changes the depth. A pair of signs after a backslash is one token, so that no quote in it ends a string. */
const tokens = /\\.|["{}]/gs;
const colon = /\s*:/y;

/**
 * The path of each key in the upper levels of a JSON text, in its order. `JSON.parse` keeps the last of two equal keys
 * without a word; here both are to be seen.
 *
 * Whoever may edit a copy chooses its text. So one step is as short as the next whatever stands there, and the paths of
 * what is nested deeper than anybody asks for, which would grow with the square of the depth, are not made.
 *
 * @param text a valid JSON text
 * @param levels how many keys a path has at most
 */
export function keyPaths(text: string, levels: number): string[][] {
  const paths: string[][] = [];
  const path: string[] = [];
  let depth = 0;
  let begin: number | undefined;
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (begin === undefined) {
      if (token === '"') begin = index;
      else depth += token === '{' ? 1 : -1;
    } else if (token === '"') {
      const end = index + 1;
      colon.lastIndex = end;
      if (depth <= levels && colon.test(text)) {
        path.length = depth - 1;
        path.push(JSON.parse(text.slice(begin, end)));
        paths.push([...path]);
      }
      begin = undefined;
    }
  }
  return paths;
}
