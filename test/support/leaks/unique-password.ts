import { randomInt } from 'node:crypto';
import { shortestRun } from './forms.ts';
import './own-output.ts';
import './programs.ts';
import { searchFor, tracesIn } from './verdict.ts';

/** As many as make two pieces, both long enough to count, of whatever wraps its base64 in the middle. */
const coreLength = 20;
/** Bytes of a password that counts as a whole. */
const longestSought = 64;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const passwords = new Map<string, string>();
const exceptions = new Set<string>();

/**
 * A password that nothing may show. From its first use on all that programs of this process print, and all that its
 * clusters store, is searched for it; a trace outside of Secrets fails the test file.
 *
 * @param name what it begins with, and what a finding calls it; one name has one password in a process
 * @param odd characters that break whatever is not careful: what can be told apart stands before and after them
 */
export function uniquePassword(name: string, odd = ''): string {
  const known = passwords.get(name);
  if (known !== undefined) return known;
  const cores = odd === '' ? [core()] : [core(), core()];
  const made = `${name}-${cores.join(odd)}`;
  passwords.set(name, made);
  searchFor(name, cores);
  return made;
}

/** The login of the user `robot` with a {@link uniquePassword}, as `username:password`. */
export function uniqueLogin(name: string): string {
  return `robot:${uniquePassword(name)}`;
}

/**
 * Lets nothing show a password that tests need just as it is. It counts as a whole, or its first bytes do, since pieces of
 * it may be in any text; one that is too short to count is in any text itself, and is left out.
 */
export function searchForWhole(name: string, password: Buffer): void {
  const whole = password.toString('latin1', 0, longestSought);
  if (whole.length >= shortestRun) searchFor(name, [whole], whole.length);
}

/**
 * Lets tests use passwords that cannot be searched for.
 *
 * @param _why what makes it need just these
 */
export function exceptPasswords(_why: string, others: readonly string[]): void {
  for (const password of others) exceptions.add(password);
}

/** Whether traces of a password would be found, or it is an exception. */
export function isAccountedFor(password: string): boolean {
  return exceptions.has(password) || tracesIn(password).length > 0;
}

function core(): string {
  return Array.from({ length: coreLength }, () => alphabet[randomInt(alphabet.length)]).join('');
}
