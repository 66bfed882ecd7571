import type { Clock } from './clock.ts';
import { type Mask, maskStrings } from './credentials/masking.ts';

export type LogLevel = 'info' | 'warn' | 'error';
export type LogFields = Record<string, string | number | boolean | string[] | undefined>;

/** Events of a run: a fixed sentence and what it is about. */
export type Log = Record<LogLevel, (message: string, fields?: LogFields) => void>;

export interface LogOptions {
  /** `json`: one object a line. `text`: one readable line. */
  format: 'json' | 'text';
  clock: Clock;
  mask: Mask;
  write(line: string): void;
}

export function createLog({ format, clock, mask, write }: LogOptions): Log {
  const line =
    (level: LogLevel) =>
    (told: string, given: LogFields = {}) => {
      const { message, fields } = maskStrings({ message: told, fields: given }, mask);
      const text =
        format === 'json'
          ? JSON.stringify({ time: clock.now().toISOString(), level, message, ...fields })
          : readable(level, message, fields);
      write(`${text}\n`);
    };
  return { info: line('info'), warn: line('warn'), error: line('error') };
}

function readable(level: LogLevel, message: string, fields: LogFields): string {
  const prefix = level === 'info' ? '' : `${level}: `;
  return prefix + [message, ...formatFields(fields)].join('  ');
}

/** `key=value` for each field that has a value, for people. */
export function formatFields(fields: LogFields): string[] {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${Array.isArray(value) ? value.join(',') : value}`);
}
