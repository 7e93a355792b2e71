// Shows notifications of alerts that the hub pushes to this browser. It caches nothing.

self.addEventListener('push', (event) => {
  const push = readPush(event.data);
  event.waitUntil(
    self.registration.showNotification(push.title, {
      body: push.body,
      tag: push.tag,
      data: { url: push.url, acknowledgeUrl: push.acknowledgeUrl },
      actions: push.acknowledgeUrl === null ? [] : [{ action: 'acknowledge', title: 'Acknowledge' }],
    }),
  );
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { url, acknowledgeUrl } = event.notification.data ?? {};
  const wanted = event.action === 'acknowledge' ? acknowledgeUrl : url;
  event.waitUntil(open(wanted ?? '/dashboard/alerts'));
});

/** A browser must show something for each push, even for one that cannot be read. */
function readPush(data) {
  let push = {};
  try {
    push = data?.json() ?? {};
  } catch {
    // not JSON
  }
  const {
    tag = 'booner',
    title = 'Booner',
    body = '',
    url = '/dashboard/alerts',
    acknowledgeUrl = null,
  } = push;
  return { tag, title, body, url, acknowledgeUrl };
}

/** Shows a page of this hub in a tab that has it, else in a new one. */
async function open(url) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = pages.find((each) => each.url === new URL(url, self.location.href).href);
  await (page === undefined ? self.clients.openWindow(url) : page.focus());
}
