import { setTimeout } from 'node:timers/promises';

const interval = 50;

/**
 * Waits until a condition holds, and asks for it anew every 50 ms.
 *
 * @param what the condition in words, for the error
 * @param limit milliseconds after which it is an error; default 60,000
 * @throws an Error that says what was waited for; what the condition itself throws ends the wait at once
 */
export async function until(what: string, condition: () => Promise<boolean>, limit = 60_000): Promise<void> {
  const deadline = performance.now() + limit;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${limit / 1000} s in vain until ${what}`);
    await setTimeout(interval);
  }
}
