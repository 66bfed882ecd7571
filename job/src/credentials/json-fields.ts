/**
 * A JSON object with its keys as a reader in Go compares them, the kubelet and docker among these: `Auths`, as other
 * languages write it, is `auths`. Source: encoding/json, foldName; the long s is the one letter beside those that
 * JavaScript folds.
 */
export function foldKeys(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [foldKey(key), value]));
}

export function foldKey(key: string): string {
  return key.replaceAll('ſ', 's').toLowerCase();
}
