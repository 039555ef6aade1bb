import type { Change } from '../../state/directLine';
import { serviceErrors } from './serviceError';

/** Activities and how far the client then knows the conversation. */
export interface ActivitySet {
  /** JSON of each activity. */
  readonly activities: readonly string[];
  /** Number of the last change that is covered. */
  readonly last: number;
  /** `{"activities":[…],"watermark":"…"}` */
  toJson(): string;
}

/** A page of changes for clients. A removed activity is left out, or, for open streams, told as `messageDelete`. */
export function activitySet(changes: readonly Change[], after: number, options: { readonly tellsRemovals: boolean }): ActivitySet {
  const last = changes.at(-1)?.number ?? after;
  const activities = changes.flatMap(({ json, activityId }) => {
    if (json !== undefined) return [json];
    return options.tellsRemovals ? [removal(activityId)] : [];
  });
  return { activities, last, toJson: () => `{"activities":[${activities.join(',')}],"watermark":"${last}"}` };
}

/** Web Chat puts an activity in the place of the one with the same id, and shows nothing for this type. */
function removal(activityId: string): string {
  const conversationId = activityId.slice(0, activityId.lastIndexOf('|'));
  return JSON.stringify({ type: 'messageDelete', id: activityId, channelId: 'directline', conversation: { id: conversationId } });
}

/**
 * The number in a watermark that a client hands back. Undefined: none was given.
 * `-` is what the public service gives before anything was said. Throws ServiceError 400.
 */
export function parseWatermark(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  if (text === '-') return 0;
  if (!/^\d{1,15}$/.test(text)) throw serviceErrors.badArgument('Invalid watermark');
  return Number(text);
}
