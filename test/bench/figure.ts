/** One row of the results. */
export interface Figure {
  /** What was measured, as a person says it. */
  name: string;
  /** How good it has to be, in words. */
  bar: string;
  /** What it was, in words. */
  result: string;
  /** Whether the bar was reached; `undefined` where there is none. */
  reached: boolean | undefined;
  /** What it was made of: medians, counts. */
  details: string;
}

/** One point of a plot. */
export interface Point {
  namespaces: number;
  program: string;
  value: number;
}

/** A figure of its own: it measures, tells how far it is, and gives its rows. */
export type Bench = (options: { runs: number; say(text: string): void }) => Promise<{
  figures: Figure[];
  plots?: Plot[];
}>;

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
