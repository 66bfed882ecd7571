import type { Clock } from '../clock.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Config } from '../config/config.ts';
import type { Mask } from '../credentials/masking.ts';
import type { Log } from '../log.ts';
import type { Progress } from '../progress.ts';
import type { Registries } from '../registry/registry-login.ts';

/** All that the engine touches, passed in, so that it also runs against a simulated cluster. */
export interface EngineDeps {
  cluster: Cluster;
  registries: Registries;
  clock: Clock;
  /** A number from 0 to 1, as `Math.random`. */
  random(): number;
  /** The configuration as it is now. */
  readConfig(): Promise<Config>;
  readFile(path: string): Promise<Buffer | undefined>;
  log: Log;
  /** Where a person waits for the run. */
  progress?: Progress | undefined;
  mask: Mask;
  signal: AbortSignal;
}
