import stringWidth from 'string-width';

/**
 * What a line may not end within, with the space before it: what people copy, which is a command, a rule in braces, or what
 * stands in quotes; and words.
 */
const whole = /\s*(?:(?:kubectl|helm|printf) [^(),;]*[^(),;\s]|(?:"[^"]*"|\{[^}]*\}|\S)+)/g;

/**
 * A text whose lines are no longer than a terminal is wide: they end between words, and go on further in than they began.
 * Only what people copy may be longer; a terminal breaks that by itself, and then it is still one line to whoever copies it.
 *
 * @param columns how wide the terminal is; a character of Chinese, for example, takes two
 */
export function fit(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => (line.length * 2 <= columns || stringWidth(line) <= columns ? line : fitLine(line, columns)))
    .join('\n');
}

function fitLine(line: string, columns: number): string {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const lines: string[] = [];
  let current = '';
  for (const chunk of line.match(whole) ?? []) {
    if (current !== '' && stringWidth(current + chunk) > columns) {
      lines.push(current);
      current = `${indent}  ${chunk.trimStart()}`;
    } else current += chunk;
  }
  return [...lines, current].join('\n');
}
