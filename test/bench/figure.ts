/** One row of the results. */
export interface Figure {
  /** What was measured, as a person says it. */
  name: string;
  /** How good it has to be, in words. */
  bar: string;
  /** What it was, in words. */
  result: string;
  /** Whether the bar was reached; not there where there is none. */
  reached?: boolean;
  /** What it was made of: medians, counts. */
  details: string;
}

/** One point of a plot. */
export interface Point {
  namespaces: number;
  program: string;
  value: number;
}

/** A group of figures that were measured together. */
export interface Measured {
  /** ISO 8601. */
  day: string;
  /** Pairs of runs of which the median counts. */
  runs: number;
  figures: Figure[];
  plots?: Plot[];
}

/** Measures a group, and tells how far it is. */
export type Bench = (options: {
  runs: number;
  say(text: string): void;
}) => Promise<Pick<Measured, 'figures' | 'plots'>>;

export interface Plot {
  file: string;
  title: string;
  /** What the values are, with their unit. */
  unit: string;
  points: Point[];
}

/** A figure that must not be above a limit. */
export function atMost(name: string, value: number, limit: number, unit: string, details: string): Figure {
  return { name, bar: `≤ ${limit} ${unit}`, result: `${rounded(value)} ${unit}`, reached: value <= limit, details };
}

/** Three digits that count. */
export function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
