import { formatNumber } from '../format-number.ts';

/** How far a run is. */
export interface Step {
  /** What is counted: `namespaces`. */
  what: string;
  done: number;
  /** How many there are, where that is known. */
  all?: number | undefined;
  /** For how long this has been counted: milliseconds. */
  elapsed: number;
}

const longestBar = 30;
/** A shorter one tells nothing. */
const shortestBar = 8;

/** A line with a bar, the rate and the time left; what is longer than the terminal is wide is left out, the last first. */
export function progressLine({ what, done, all, elapsed }: Step, columns: number): string {
  const rate = elapsed > 0 ? (done * 1000) / elapsed : 0;
  const parts = [
    all === undefined ? `${formatNumber(done)} ${what}` : `${formatNumber(done)} of ${formatNumber(all)} ${what}`,
    ...(all !== undefined && rate > 0 ? [`${duration((all - done) / rate)} left`] : []),
    ...(rate > 0 ? [`${rate < 10 ? rate.toFixed(1) : formatNumber(Math.round(rate))}/s`] : []),
  ];
  // A terminal that is full to its last column may begin the next line.
  const room = columns - 1;
  while (parts.length > 1 && parts.join(', ').length > room) parts.pop();
  const text = parts.join(', ').slice(0, room);
  const barRoom = Math.min(longestBar, room - text.length - '[] '.length);
  return all === undefined || barRoom < shortestBar ? text : `[${bar(done / all, barRoom)}] ${text}`;
}

function bar(share: number, length: number): string {
  return '='.repeat(Math.floor(Math.min(1, share) * length)).padEnd(length);
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  return whole < 3600 ? `${Math.ceil(whole / 60)} min` : `${(whole / 3600).toFixed(1)} h`;
}
