import type { Activity } from 'botbuilder';
import { z } from 'zod';
import { HttpError } from './readBody';

const account = z.looseObject({ id: z.string() });
const optional = <T extends z.ZodType>(shape: T): z.ZodOptional<z.ZodNullable<T>> => shape.nullish();

/** What the bot relies on; everything else passes through as it came. Services send null for what they leave out. */
const activityShape = z.looseObject({
  type: z.string().min(1),
  id: optional(z.string().max(1_000)),
  channelId: z.string().min(1),
  serviceUrl: z.string(),
  conversation: account,
  recipient: account,
  from: optional(account),
  text: optional(z.string()),
  locale: optional(z.string()),
  replyToId: optional(z.string()),
  name: optional(z.string()),
  entities: optional(z.array(z.looseObject({}))),
  attachments: optional(z.array(z.looseObject({ contentType: z.string() }))),
  membersAdded: optional(z.array(account)),
});

/** The body of `POST /api/messages` as an activity. Throws HttpError 400 for anything that no channel sends. */
export function parseActivity(body: unknown): Activity {
  const parsed = activityShape.safeParse(body);
  if (!parsed.success) throw new HttpError(400, 'bad-activity', 'The body is not an activity of the Bot Framework.');
  // The fields that matter are checked above; the rest of Activity is the SDK's long list of optional ones.
  return withoutNulls(parsed.data) as unknown as Activity;
}

/** Absent and null mean the same to us, and botbuilder only knows absent. */
function withoutNulls(activity: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(activity).filter(([, value]) => value !== null));
}
