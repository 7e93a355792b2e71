/**
 * Characters that begin a formula in a spreadsheet:
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * Returns a text as a cell of CSV (RFC 4180). Names of devices may contain anything: one that a
 * spreadsheet would run as a formula gets an apostrophe before it.
 */
export function csvCell(text: string): string {
  const isFormula = FORMULA.test(text) && Number.isNaN(Number(text));
  const shown = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}
