/**
 * Types of the one limiter that is used, which the package declares only for all of its limiters.
 * Importing the package as a whole would load twenty more of them (8 MiB).
 */
declare module 'rate-limiter-flexible/lib/RateLimiterMemory.js' {
  // biome-ignore lint/style/noDefaultExport: that file has a default export
  export { RateLimiterMemory as default } from 'rate-limiter-flexible';
}
