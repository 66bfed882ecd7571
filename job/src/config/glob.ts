/**
 * Compiles a glob of names. `*` stands for any run of characters, `?` for exactly one; everything else,
 * brackets and braces included, stands for itself.
 *
 * Not a glob library: they know more signs than these two, and the admission policy (a CEL expression)
 * has to give each glob the same meaning.
 */
function globPattern(glob: string, one = '.'): string {
  const body = glob.replace(/[\\^$.*+?()[\]{}|/-]/g, (sign) => {
    if (sign === '*') return '.*';
    if (sign === '?') return one;
    return `\\${sign}`;
  });
  return `^${body}$`;
}

/** A predicate that says whether a name fits any of the globs. No glob fits nothing. */
export function matchesAny(globs: readonly string[]): (name: string) => boolean {
  const patterns = globs.map((glob) => new RegExp(globPattern(glob), 's'));
  return (name) => patterns.some((pattern) => pattern.test(name));
}

/** A predicate that says whether one of the globs fits every name that another glob fits. */
export function coversGlob(globs: readonly string[]): (glob: string) => boolean {
  // Read as a text: a `*` of the other glob is any run of characters, so only a `*` stands for it.
  const patterns = globs.map((glob) => new RegExp(globPattern(glob, '[^*]')));
  return (glob) => patterns.some((pattern) => pattern.test(glob));
}

/** Whether the text is a plain name, with no sign that a glob gives a meaning. */
export function isExactName(glob: string): boolean {
  return !/[*?]/.test(glob);
}
