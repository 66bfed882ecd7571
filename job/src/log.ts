import type { Clock } from './clock.ts';
import { type Mask, maskStrings } from './credentials/masking.ts';
import { printable } from './printable.ts';

export type LogLevel = 'info' | 'warn' | 'error';
export type LogFields = Record<string, string | number | boolean | string[] | undefined>;

/** Events of a run: a fixed sentence and what it is about. */
export type Log = Record<LogLevel, (message: string, fields?: LogFields) => void>;

export interface LogOptions {
  /** `json`: one object a line. `text`: one readable line. */
  format: 'json' | 'text';
  clock: Clock;
  mask: Mask;
  /** Lays an event out as text; default: {@link readable}. */
  logLine?: ((level: LogLevel, message: string, fields: LogFields) => string) | undefined;
  write(line: string): void;
}

export function createLog({ format, clock, mask, logLine = readable, write }: LogOptions): Log {
  const line =
    (level: LogLevel) =>
    (told: string, given: LogFields = {}) => {
      const { message, fields } = maskStrings({ message: told, fields: given }, mask);
      const text =
        format === 'json'
          ? JSON.stringify({ time: clock.now().toISOString(), level, message, ...fields })
          : logLine(level, message, fields);
      write(`${text}\n`);
    };
  return { info: line('info'), warn: line('warn'), error: line('error') };
}

/** An event in one line. */
export function readable(level: LogLevel, message: string, fields: LogFields): string {
  return [headline(level, message), ...formatFields(fields)].join('  ');
}

/** What an event is, without what it is about. */
export function headline(level: LogLevel, message: string): string {
  return (level === 'info' ? '' : `${level}: `) + printable(message);
}

/** `key=value` for each field that has a value, for people. */
export function formatFields(fields: LogFields, equals = '='): string[] {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}${equals}${printable(Array.isArray(value) ? value.join(',') : String(value))}`);
}
