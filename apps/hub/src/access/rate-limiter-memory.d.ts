/** The one limiter that is used, without the other twenty and 8 MiB: the package declares no types for its parts. */
declare module 'rate-limiter-flexible/lib/RateLimiterMemory.js' {
  // biome-ignore lint/style/noDefaultExport: it is what that file exports
  export { RateLimiterMemory as default } from 'rate-limiter-flexible';
}
