// Runs before the first paint, so that a page in the other theme never flashes. `shell/theme.ts`
// writes the setting that is read here.
try {
  const theme = localStorage.getItem('booner.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is closed to this page: the system's theme it is.
}
