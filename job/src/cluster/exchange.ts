import type { Dispatcher } from 'undici';

export interface Answer {
  statusCode: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

export interface Limits {
  /** Ends the request at once. */
  signal: AbortSignal;
  /** How long the whole may take, from the request's first byte to the answer's last: milliseconds. */
  limit: number;
}

/**
 * One request and its whole answer. undici's own `request` makes a stream of each answer and wants a signal for each time
 * limit, which together cost more than the rest of a write.
 *
 * @throws the signal's reason where it ends the request, an Error of undici's where there was no answer
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { signal, limit }: Limits,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  let controller: Dispatcher.DispatchController | undefined;
  let failure: Error | undefined;
  const chunks: Buffer[] = [];
  const answer: Answer = { statusCode: 0, headers: {}, text: '' };

  const release = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
  const fail = (error: Error) => {
    failure ??= error;
    release();
    reject(failure);
    controller?.abort(failure);
  };
  const onAbort = () => fail(signal.reason);
  // undici's own limits begin anew with each byte, so an answer that trickles would never end.
  const timer = setTimeout(() => fail(new Error(`no whole answer in ${limit / 1000} s`)), limit);
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  else
    dispatcher.dispatch(request, {
      onRequestStart(started) {
        controller = started;
        // It waited for a connection until now.
        if (failure) controller.abort(failure);
      },
      onResponseStart(_, statusCode, headers) {
        answer.statusCode = statusCode;
        answer.headers = headers;
      },
      onResponseData(_, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        release();
        resolve({ ...answer, text: Buffer.concat(chunks).toString('utf8') });
      },
      onResponseError(_, error) {
        fail(error);
      },
    });
  return promise;
}
