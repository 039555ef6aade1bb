import type { Action, Activity, ActivityMiddleware, StoreMiddleware } from './webChat';

/**
 * Web Chat 4.18.1 sends a failed message again as a new one and leaves the failed one standing, with its "Retry". This
 * takes that away, unless the service has it after all.
 */
export function createRetries(): { readonly store: StoreMiddleware; readonly activities: ActivityMiddleware } {
  const retried = new Set<string>();
  return {
    store: () => (next) => (action) => {
      const id = retriedId(action);
      if (id !== undefined) retried.add(id);
      return next(action);
    },
    activities: () => (next) => (options) => {
      const { id, channelData } = options.activity;
      return id === undefined && retried.has(channelData?.clientActivityID ?? '') ? false : next(options);
    },
  };
}

/** Only a message that was sent before carries the client's id when it is posted. */
function retriedId({ type, payload }: Action): string | undefined {
  if (type !== 'DIRECT_LINE/POST_ACTIVITY') return undefined;
  return (payload?.activity as Activity | undefined)?.channelData?.clientActivityID; // this action of Web Chat carries one
}
