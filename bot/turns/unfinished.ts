import { TurnContext, type Activity } from 'botbuilder';
import type { Logger } from 'pino';
import { liveStyleOf } from '../channels';
import type { ConnectorFor } from '../connector/connector';
import { withStreamMarks } from '../connector/streamMarks';
import { endInPlaceOf } from './liveReply';
import type { TurnRecord } from './turn';

export interface UnfinishedServices {
  readonly connectorFor: ConnectorFor;
  readonly log: Logger;
}

/**
 * Gives what this turn, or an earlier attempt at it, showed without an end its end: the turn's first message takes the
 * place; where the turn says nothing, it is taken back. A half answer never stays.
 */
export function endWhatIsOpen(activity: Activity, record: TurnRecord, services: UnfinishedServices): void {
  const openId = record.openMessageId;
  if (openId === undefined || record.stop.signal.aborted) return;
  const index = record.replies.findIndex(({ kind, activity: { type } }) => kind === 'send' && type === 'message');
  const reply = record.replies[index];
  if (!reply) record.afterCommit.push(() => takeBack(activity, openId, services));
  else record.replies[index] = record.liveReply?.endWith(reply.activity) ?? endInPlaceOf(openId, reply.activity, liveStyleOf(activity));
}

/** Web Chat withdraws a stream whose end has no text: https://github.com/microsoft/BotFramework-WebChat/blob/main/docs/LIVESTREAMING.md */
async function takeBack(activity: Activity, messageId: string, { connectorFor, log }: UnfinishedServices): Promise<void> {
  const style = liveStyleOf(activity);
  const connector = connectorFor(activity.serviceUrl);
  const end = withStreamMarks({ type: 'typing' }, { streamType: 'final', streamId: messageId });
  try {
    if (style.kind === 'stream' && !style.isMessage) await connector.send(activity.conversation.id, TurnContext.applyConversationReference(end, TurnContext.getConversationReference(activity)));
    else await connector.delete(activity.conversation.id, messageId);
  } catch (error) {
    log.warn({ err: error }, 'what was shown of a reply could not be taken back');
  }
}
