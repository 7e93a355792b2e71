/** Returns why this browser cannot receive push messages, as a sentence; `null` if it can. */
export function pushObstacle(): string | null {
  if (!isSecureContext) {
    return 'Browsers are notified only by pages over HTTPS, or on localhost.';
  }
  if (!('serviceWorker' in navigator) || !('PushManager' in globalThis) || !('Notification' in globalThis)) {
    return isApple()
      ? 'Add this page to the Home Screen first: only then does iOS let it notify you.'
      : 'This browser does not support push messages.';
  }
  if (Notification.permission === 'denied') {
    return 'Notifications of this page are blocked. Allow them in the settings of the browser.';
  }
  return null;
}

const isApple = (): boolean => /iPhone|iPad/.test(navigator.userAgent);

const WORKER = '/push-worker.js';

/** Returns the subscription of this browser to the key of a channel; `null`: none. */
export async function currentSubscription(publicKey: string): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration('/');
  const subscription = (await registration?.pushManager.getSubscription()) ?? null;
  return subscription !== null && hasKey(subscription, publicKey) ? subscription : null;
}

/** Asks for permission, and subscribes this browser. @throws Error that says why it could not */
export async function subscribe(publicKey: string): Promise<PushSubscription> {
  if ((await Notification.requestPermission()) !== 'granted') {
    throw new Error('You did not allow this page to notify you.');
  }
  await navigator.serviceWorker.register(WORKER, { scope: '/' });
  const { pushManager } = await navigator.serviceWorker.ready;
  // A browser has one subscription per page, to one key.
  const other = await pushManager.getSubscription();
  if (other !== null && !hasKey(other, publicKey)) await other.unsubscribe();
  return await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
}

function hasKey({ options }: PushSubscription, publicKey: string): boolean {
  const key = options.applicationServerKey;
  return key !== null && base64url(new Uint8Array(key)) === publicKey.replace(/=+$/, '');
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
