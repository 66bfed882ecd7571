import { readFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a test process searched for passwords that nothing may show, in numbers. */
export interface Searched {
  /** Passwords, each another one. */
  passwords: number;
  /** What programs printed, logged or wrote: standard output and error of each, and files. */
  outputs: number;
  /** States of objects that an API server stored, Secrets left out. */
  objects: number;
  /** Size of all that. */
  bytes: number;
}

/** The variable with the file to which each test process adds a line, its {@link Searched} in JSON. */
export const searchedVariable = 'PULLSECRET_SYNC_SEARCHED';

/** Does work whose processes tell what they searched, and says the sum in the end. */
export async function sayingSearched<T>(work: () => Promise<T>): Promise<T> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'pullsecret-sync-searched-'));
  const file = join(folder.path, 'searched.jsonl');
  process.env[searchedVariable] = file;
  const result = await work();
  const all = linesOf(file).map((line): Searched => JSON.parse(line));
  if (all.length > 0) console.log(formatSearched(sumOf(all)));
  return result;
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch {
    return []; // No process had a password.
  }
}

export function sumOf(all: readonly Searched[]): Searched {
  const total = (key: keyof Searched) => all.reduce((sum, searched) => sum + searched[key], 0);
  return {
    passwords: total('passwords'),
    outputs: total('outputs'),
    objects: total('objects'),
    bytes: total('bytes'),
  };
}

export function formatSearched({ passwords, outputs, objects, bytes }: Searched): string {
  const [some, outs, states] = [passwords, outputs, objects].map((count) => count.toLocaleString('en'));
  const size = Math.round(bytes / 1e6).toLocaleString('en');
  return `Searched for ${some} passwords: ${outs} outputs and ${states} states of objects, ${size} MB.`;
}
