/**
 * One source of one part of {@link Measurements}.
 *
 * `read` is called once per sample and MUST NOT be called again while a call is pending. An error
 * that it throws or rejects with becomes the reason in `unavailable`; `null` means that the host
 * does not have it. A sensor that blocks (a hung mount, a stuck driver) MUST return a promise, so
 * that the sampler's deadline can pass it by.
 */
export type Sensor<T> = {
  read(): T | null | Promise<T | null>;
};
