/** Time as the engine sees it: real in the program, simulated in tests. */
export interface Clock {
  now(): Date;
  /** Milliseconds since some moment. It goes on evenly, also where somebody sets the clock meanwhile. */
  elapsed(): number;
  /** Resolves after that many milliseconds; rejects with the signal's reason when it aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
