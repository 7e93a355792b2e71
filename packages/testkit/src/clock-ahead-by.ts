/**
 * Returns the `NODE_OPTIONS` of a daemon whose wall clock is off. Its monotonic clock is not.
 * @param ms negative for a clock that is behind
 */
export const clockAheadBy = (ms: number): string => {
  const script = `{const now=Date.now;Date.now=()=>now()+(${ms})}`;
  return `--import=data:text/javascript,${encodeURIComponent(script)}`;
};
