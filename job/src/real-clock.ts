import { setTimeout } from 'node:timers/promises';
import type { Clock } from './clock.ts';

export const realClock: Clock = {
  now: () => new Date(),
  elapsed: () => performance.now(),
  sleep: (milliseconds, signal) => setTimeout(milliseconds, undefined, signal ? { signal } : {}),
};
