import { webChat, type Action, type Activity, type Store, type StoreMiddleware } from './webChat';

/** Web Chat's store with what the page does with it. */
export interface ConversationStore extends Store {
  /** Sends a message as if it was typed, with files. */
  say(text: string, files: readonly File[]): void;
  /** What stands in the message box; empties it. */
  takeDraft(): string;
}

export interface StoreOptions {
  /** Gives the files that may be sent. */
  readonly check: (files: readonly File[]) => readonly File[];
  /** The person said something, now or before the page was loaded again. */
  readonly onOwnMessage: () => void;
  readonly middleware: StoreMiddleware;
}

export function createConversationStore({ check, onOwnMessage, middleware }: StoreOptions): ConversationStore {
  const store = webChat().createStore({}, middleware, checkingFiles(check), noticingOwnMessages(onOwnMessage), droppingLateChunks());
  return Object.assign(store, {
    say(text: string, files: readonly File[]): void {
      store.dispatch({ type: 'WEB_CHAT/SEND_MESSAGE', payload: { text, method: 'keyboard', attachments: files.map((blob) => ({ blob })) } });
    },
    takeDraft(): string {
      const draft = store.getState().sendBoxValue;
      store.dispatch({ type: 'WEB_CHAT/SET_SEND_BOX', payload: { text: '' } });
      return draft;
    },
  });
}

interface SendBoxAttachment {
  readonly blob: File;
}

/** Files that were chosen or pasted stand in the message box until they are sent. */
function checkingFiles(check: StoreOptions['check']): StoreMiddleware {
  return () => (next) => (action) => {
    if (action.type !== 'WEB_CHAT/SET_SEND_BOX_ATTACHMENTS') return next(action);
    // The payload of Web Chat's own action: actions/setSendBoxAttachments.ts.
    const attachments = (action.payload?.attachments ?? []) as readonly SendBoxAttachment[];
    const accepted = new Set(check(attachments.map(({ blob }) => blob)));
    return next({ ...action, payload: { attachments: attachments.filter(({ blob }) => accepted.has(blob)) } });
  };
}

/** What the bot says before the person said anything is its greeting: the first screen is that already. */
function noticingOwnMessages(onOwnMessage: () => void): StoreMiddleware {
  let hasSpoken = false;
  return () => (next) => (action) => {
    if (isOwnMessage(action)) {
      hasSpoken = true;
      onOwnMessage();
    }
    return !hasSpoken && action.type === 'DIRECT_LINE/INCOMING_ACTIVITY' ? action : next(action);
  };
}

/** A chunk that a fast answer overtook would stay beside that answer for ever. */
function droppingLateChunks(): StoreMiddleware {
  const finished = new Set<string>();
  return () => (next) => (action) => {
    const activity = action.type === 'DIRECT_LINE/INCOMING_ACTIVITY' ? (action.payload?.activity as Activity | undefined) : undefined;
    const streamId = activity?.channelData?.streamId ?? activity?.id;
    if (streamId !== undefined && activity?.type === 'typing' && finished.has(streamId)) return action;
    if (streamId !== undefined && activity?.channelData?.streamType === 'final') finished.add(streamId);
    return next(action);
  };
}

function isOwnMessage({ type, payload }: Action): boolean {
  if (type !== 'DIRECT_LINE/POST_ACTIVITY' && type !== 'DIRECT_LINE/INCOMING_ACTIVITY') return false;
  const activity = payload?.activity as Activity | undefined; // both actions of Web Chat carry one
  return activity?.type === 'message' && (type === 'DIRECT_LINE/POST_ACTIVITY' || activity.from?.role === 'user');
}
