import type { Activity } from 'botbuilder';

/** When it was said, by the channel's clock; now where the channel did not say. */
export function timeOf(activity: Partial<Activity>): number {
  const time = Date.parse(String(activity.timestamp ?? ''));
  return Number.isNaN(time) ? Date.now() : time;
}
