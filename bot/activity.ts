import type { Activity } from 'botbuilder';
import { z } from 'zod';
import { channelId, chosenName } from './names';
import { HttpError } from './readBody';

const optional = <T extends z.ZodType>(shape: T): z.ZodOptional<z.ZodNullable<T>> => shape.nullish();
const account = z.looseObject({ id: channelId(1_000), name: optional(chosenName) });

/** What any client may say of a message; services send null for what they leave out. */
export const messageShape = {
  text: optional(z.string()),
  locale: optional(z.string().max(100)),
  localTimezone: optional(z.string().max(100)),
  replyToId: optional(channelId(1_000)),
  name: optional(z.string().max(1_000)),
  // Whatever else stands among them says nothing, and is no reason to lose a message.
  entities: optional(z.array(z.unknown()).max(1_000).transform((all) => all.filter((entity) => typeof entity === 'object' && entity !== null))),
  attachments: optional(z.array(z.looseObject({ contentType: z.string().max(256), name: optional(chosenName), contentUrl: optional(z.string()) })).max(100)),
};

/** What the bot relies on; everything else passes through as it came. Ids of bot, conversation and activity make one key. */
const activityShape = z.looseObject({
  ...messageShape,
  type: z.string().min(1).max(64),
  id: optional(channelId(800)),
  channelId: z.string().min(1).max(100),
  serviceUrl: z.string().nullish().transform((url) => url ?? ''), // the caller is refused for it, not the body
  conversation: z.looseObject({ id: channelId(1_000), name: optional(chosenName) }),
  recipient: z.looseObject({ id: channelId(200), name: optional(chosenName) }),
  from: optional(account),
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
