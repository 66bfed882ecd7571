import { appendFileSync } from 'node:fs';
import { type Searched, searchedVariable } from '../../../scripts/searched.ts';
import { Searcher, type Trace } from './search.ts';

const searched: Searched = { passwords: 0, outputs: 0, objects: 0, bytes: 0 };
const found = new Set<string>();
const searcher = new Searcher();
// A token of a ServiceAccount is a JSON Web Token, and this is the base64 of `{"alg":"`, with which an API server begins one.
searcher.add('a token', 'eyJhbGciOiJ');
const unfinished = new Set<() => void>();

process.on('exit', () => {
  const total = process.env[searchedVariable];
  for (const finish of unfinished) finish();
  for (const finding of found) process.stderr.write(`${finding}\n`);
  if (total) appendFileSync(total, `${JSON.stringify(searched)}\n`);
  if (found.size > 0) process.exitCode = 1;
});

/**
 * From now on the process fails at its end where a trace of this password is found.
 *
 * @param cores what is in the password and in nothing else, each character a byte
 * @param run so many characters of one in a row are a trace
 */
export function searchFor(name: string, cores: readonly string[], run?: number): void {
  searched.passwords += 1;
  for (const core of cores) searcher.add(name, core, run);
}

/** Traces of all secrets so far, for whoever wants to know at once. */
export function tracesIn(text: string): Trace[] {
  return searcher.tracesIn(text);
}

/** Searches what a program printed or wrote. */
export function searchOutput(where: string, text: string): void {
  searched.outputs += 1;
  search(where, text);
}

/** Searches one state of an object of a cluster. */
export function searchObject(where: string, text: string): void {
  searched.objects += 1;
  search(where, text);
}

/** Fails the process at its end. */
export function foundAmiss(finding: string): void {
  found.add(finding);
}

/** Calls this at the end of the process, unless the function that it gives back was called before. */
export function beforeVerdict(finish: () => void): () => void {
  unfinished.add(finish);
  return () => {
    if (unfinished.delete(finish)) finish();
  };
}

function search(where: string, text: string): void {
  searched.bytes += text.length;
  // Where it is may be a command, with a password in its arguments.
  const place = tracesIn(where).length > 0 ? where.split(' ')[0] : where;
  for (const { secret, form } of tracesIn(text)) foundAmiss(`A secret is shown: ${secret}, ${form}, in ${place}`);
}
