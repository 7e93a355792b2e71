/** Figures as a table shows them. */
export const formatMebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
/** Share of one core. */
export const formatCoreShare = (ratio: number): string => `${(ratio * 100).toFixed(ratio < 0.01 ? 3 : 1)} %`;
export const formatRatio = (ratio: number): string => ratio.toFixed(2);
/** From microseconds. */
export const formatMilliseconds = (us: number): string => (us / 1e3).toFixed(us < 10_000 ? 1 : 0);
