import { styleText } from 'node:util';
import { formatFields, headline, type LogFields, type LogLevel, readable } from '../log.ts';
import { fit } from './fit.ts';
import type { Paint, TextStyle } from './text-style.ts';

/** What a terminal shows otherwise than a file: colours, and lines no longer than it is wide. */
export interface Terminal extends TextStyle {
  /** The text with lines that fit; see {@link fit}. */
  fit(text: string): string;
  /** An event of a log: in one line, or where it does not fit with a line for each of its fields. */
  logLine(level: LogLevel, message: string, fields: LogFields): string;
}

/** How wide a terminal is that does not say. */
const usualColumns = 80;
const levelColours = { info: undefined, warn: 'yellow', error: 'red' } as const;

/** Goes by FORCE_COLOR, NO_COLOR, NODE_DISABLE_COLORS and TERM, as Node does. */
export function createTerminal(stream: NodeJS.WriteStream): Terminal {
  const columns = () => (stream.isTTY ? stream.columns || usualColumns : Number.POSITIVE_INFINITY);
  const paint: Paint = (colour, text) => styleText(colour, text, { stream });
  return {
    get columns() {
      return columns();
    },
    paint,
    fit: (text) => fit(text, columns()),
    logLine(level, message, fields) {
      const line = readable(level, message, fields);
      const isShort = fit(line, columns()) === line;
      const text = isShort
        ? line
        : [headline(level, message), ...formatFields(fields, ': ').map((field) => `  ${field}`)].join('\n');
      return fit(paintLevel(level, text, paint), columns());
    },
  };
}

function paintLevel(level: LogLevel, text: string, paint: Paint): string {
  const colour = levelColours[level];
  return colour ? paint(colour, `${level}:`) + text.slice(level.length + 1) : text;
}
