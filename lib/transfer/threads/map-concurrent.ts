/**
 * Works through items, so many at a time, and returns the results in the items' order. After an error nothing
 * new is begun; what is under way ends first, and then the error is thrown.
 */
export async function mapConcurrent<T, R>(
  items: Iterable<T>,
  concurrency: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  if (concurrency === 1) {
    for (const item of items) results.push(await work(item));
    return results;
  }
  const queue = [...items].entries();
  let failure: { error: unknown } | undefined;
  const worker = async () => {
    for (const [i, item] of queue) {
      if (failure) return;
      try {
        results[i] = await work(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  // The first one: those after it may only be its consequence.
  if (failure) throw failure.error;
  return results;
}
