const stop = new AbortController();
// More than once: a terminal sends Ctrl-C to us and to whoever passes it on to us.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());

/** Aborted when somebody asks this process to end, which it does by itself no more. */
export const toldToStop: AbortSignal = stop.signal;
