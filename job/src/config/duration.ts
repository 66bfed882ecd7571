const unitMilliseconds: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Milliseconds of a duration as Kubernetes writes them: `60s`, `1h30m`, `168h`, `1.5h`. Units: `ms`, `s`, `m`, `h`.
 *
 * @returns `undefined` where the text is not such a duration.
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined;
  let milliseconds = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    milliseconds += Number(amount) * (unitMilliseconds[unit as string] as number);
  }
  return milliseconds;
}
