/** The little of Web Chat 4.18.1 that the page uses. Its bundle is loaded before this script and stands in `window.WebChat`. */
export interface WebChat {
  createDirectLine(options: { readonly domain: string; readonly token: string; readonly conversationId?: string; readonly watermark?: string }): DirectLine;
  createStore(initialState: object, ...middleware: readonly StoreMiddleware[]): Store;
  renderWebChat(options: Readonly<Record<string, unknown>>, element: HTMLElement): void;
}

export interface DirectLine {
  readonly connectionStatus$: { subscribe(listener: (status: number) => void): { unsubscribe(): void } };
  end(): void;
}

export interface Store {
  dispatch(action: Action): void;
  getState(): { readonly activities: readonly Activity[]; readonly sendBoxValue: string };
}

export interface Action {
  readonly type: string;
  readonly payload?: Readonly<Record<string, unknown>>;
}

export type StoreMiddleware = () => (next: (action: Action) => unknown) => (action: Action) => unknown;

type Render = (...parts: readonly unknown[]) => unknown;

/** Draws an activity, or leaves it out: false. */
export type ActivityMiddleware = () => (next: (options: { readonly activity: Activity }) => Render | false) => (options: { readonly activity: Activity }) => Render | false;

/** As far as the page looks into it; comes from the network, so every field may be missing. */
export interface Activity {
  readonly id?: string;
  readonly type?: string;
  readonly channelData?: { readonly streamId?: string; readonly streamType?: string; readonly clientActivityID?: string };
  readonly from?: { readonly role?: string };
  readonly entities?: readonly Readonly<Record<string, unknown>>[];
}

/** The numbers of DirectLineJS. */
export const connectionStatus = { online: 2, expiredToken: 3, failedToConnect: 4 } as const;

declare global {
  interface Window {
    readonly WebChat?: WebChat;
  }
}

/** Throws where Web Chat's bundle did not load. */
export function webChat(): WebChat {
  if (!window.WebChat) throw new Error('Web Chat did not load.');
  return window.WebChat;
}
