/** Value of `Content-Disposition` (RFC 6266) that names a download. */
export const downloadAs = (name: string): string =>
  `attachment; filename="${name.replaceAll(/[^\w.-]/g, '_')}"`;
