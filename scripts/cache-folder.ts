import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where lies what is made once for each version, and used again by whoever needs it. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pullsecret-sync');
}
