/**
 * What makes Node run code as soon as it holds a docker config with its password, of which `held` is the text: the value
 * of its option `--import`.
 *
 * @param happens that code; `parse` is JSON's
 */
export function whenPasswordIsHeld(happens: string): string {
  const preload = `
    const { parse } = JSON;
    JSON.parse = (held, ...rest) => {
      if (String(held).includes('"auths"')) {
        JSON.parse = parse;
        ${happens}
      }
      return parse(held, ...rest);
    };`;
  return `data:text/javascript,${encodeURIComponent(preload)}`;
}

/** An error that nobody catches, with all that is held. */
export const uncaught = 'setTimeout(() => { throw Object.assign(new Error(held), { held }); });';
/** More is kept than V8 may have. */
export const outOfMemory = 'globalThis.kept = []; for (;;) kept.push([held + kept.length]);';
