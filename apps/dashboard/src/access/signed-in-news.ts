/** Path of the page that a window shows after it signed in again. */
export const SIGNED_IN_PATH = '/dashboard/signed-in';

const CHANNEL = 'booner-signed-in';

/** Tells the other windows of this dashboard that this browser has signed in again. */
export function tellSignedIn(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(null);
  channel.close();
}

/** Calls back when another window has signed in again. @returns a function that stops this */
export function onSignedIn(listener: () => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = listener;
  return () => channel.close();
}
