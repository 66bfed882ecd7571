import { Searcher } from '../support/leaks/search.ts';
import { passwordStart } from './sources.ts';

const searcher = new Searcher();
searcher.add('a password', passwordStart);

/** What a process tells or stores outside of Secrets holds no password, nor a part of one, although nothing masks it here. */
export function brokenOutput(text: string): string | undefined {
  const [trace] = searcher.tracesIn(text);
  return trace && `it shows a password: ${trace.form}`;
}
