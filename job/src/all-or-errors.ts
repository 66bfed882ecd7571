/** Like `Promise.all`, and rejects with an AggregateError of everything that failed, so that all of it is named at once. */
export async function allOrErrors<const T extends readonly Promise<unknown>[]>(
  promises: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(promises);
  const errors = settled.flatMap((result) => {
    if (result.status === 'fulfilled') return [];
    return result.reason instanceof AggregateError ? result.reason.errors : [result.reason];
  });
  if (errors.length > 0) throw new AggregateError(errors);
  return settled.map((result) => (result as PromiseFulfilledResult<unknown>).value) as never;
}
