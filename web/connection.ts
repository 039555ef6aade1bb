import type { PageWords } from './pageData';
import type { Notices } from './notices';

/**
 * Says when the connection is lost and when it is back. DirectLineJS keeps its status Online while it waits 3 to 15 s to
 * connect again, so the sockets themselves are watched: it takes `window.WebSocket` when it opens one.
 */
export function watchConnection(notices: Notices, words: PageWords['notice']): void {
  const report = (text: string | undefined): void => (text ? notices.show('connection', { text }) : notices.hide('connection'));
  const { Socket, isOpen } = watchedSocket({
    opened: () => report(undefined),
    closed: () => report(navigator.onLine ? words.reconnecting : words.offline),
  });
  window.WebSocket = Socket;
  window.addEventListener('offline', () => report(words.offline));
  // A short break leaves the socket as it was: nothing will be opened.
  window.addEventListener('online', () => report(isOpen() ? undefined : words.reconnecting));
}

interface SocketListener {
  readonly opened: () => void;
  readonly closed: () => void;
}

function watchedSocket({ opened, closed }: SocketListener): { readonly Socket: typeof WebSocket; readonly isOpen: () => boolean } {
  let current: WebSocket | undefined;
  const Socket = class extends WebSocket {
    #ended = false;

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      current = this; // eslint-disable-line @typescript-eslint/no-this-alias -- a later socket makes the closing of this one unimportant
      this.addEventListener('open', opened);
      this.addEventListener('close', () => !this.#ended && current === this && closed());
    }

    /** Closed by the page itself: nothing was lost. */
    override close(code?: number, reason?: string): void {
      this.#ended = true;
      super.close(code, reason);
    }
  };
  return { Socket, isOpen: () => current?.readyState === WebSocket.OPEN };
}
