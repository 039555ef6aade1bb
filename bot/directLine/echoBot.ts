import type { Activity } from 'botbuilder';
import type { Connector } from '../connector/connector';

/**
 * The bot that DirectLineJS's network tests talk to: it greets whoever joins (`Welcome`, in Chinese `欢迎`) and answers
 * every message and event with what it got: text and attachments again, the whole activity in `channelData.originalActivity`.
 */
export async function answerAsEcho(activity: Activity, connector: Connector): Promise<void> {
  const reply = toReply(activity);
  if (reply) await connector.send(activity.conversation.id, reply);
}

function toReply(activity: Activity): Partial<Activity> | undefined {
  if (activity.type === 'conversationUpdate') return { type: 'message', text: isChinese(activity.locale) ? '欢迎' : 'Welcome' };
  if (activity.type !== 'message' && activity.type !== 'event') return undefined;
  return {
    type: 'message',
    replyToId: activity.id ?? '',
    text: activity.text,
    attachments: activity.attachments ?? [],
    channelData: { originalActivity: activity },
  };
}

/** botbuilder's types promise a locale; channels do not always send one. */
const isChinese = (locale: string | undefined): boolean => locale?.toLowerCase().startsWith('zh') ?? false;
