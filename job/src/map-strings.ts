/**
 * Data with every string in it changed.
 *
 * @param ownWords keys whose values are words of this program, which stay what they are
 */
export function mapStrings<T>(data: T, change: (text: string) => string, ownWords?: ReadonlySet<string>): T {
  if (typeof data === 'string') return change(data) as T;
  if (Array.isArray(data)) return data.map((one) => mapStrings(one, change, ownWords)) as T;
  if (typeof data !== 'object' || data === null) return data;
  const changed = Object.entries(data).map(([key, value]) => [
    key,
    ownWords?.has(key) ? value : mapStrings(value, change, ownWords),
  ]);
  return Object.fromEntries(changed) as T;
}
