// A store may answer at once, or with a promise.

/** Calls `done` with what `call` returns or resolves with, within the call if it is there; else `failed` with the error. */
export function settle<T>(
  call: () => T | PromiseLike<T>,
  done: (value: T) => void,
  failed: (error: unknown) => void,
): void {
  let result: T | PromiseLike<T>;
  try {
    result = call();
  } catch (error) {
    failed(error);
    return;
  }
  const { then } = (result ?? {}) as Partial<PromiseLike<T>>;
  if (typeof then === 'function') Promise.resolve(result).then(done, failed);
  else done(result as T);
}
