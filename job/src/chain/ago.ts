const units: ReadonlyArray<[name: string, milliseconds: number]> = [
  ['days', 86_400_000],
  ['hours', 3_600_000],
  ['minutes', 60_000],
];

/** How long ago something was, for people: in its largest unit of which there are two at least. */
export function ago(milliseconds: number): string {
  const [unit, length] = units.find(([, one]) => milliseconds >= 2 * one) ?? ['seconds', 1000];
  return `${Math.max(0, Math.floor(milliseconds / length))} ${unit} ago`;
}
