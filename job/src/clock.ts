/** Time as the engine sees it: real in the program, simulated in tests. */
export interface Clock {
  now(): Date;
  /** Resolves after that many milliseconds; rejects with the signal's reason when it aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
