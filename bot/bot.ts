import type { Activity } from 'botbuilder';
import type { Logger } from 'pino';
import { textMessage } from '../dialogs/activities';
import { greeting } from '../dialogs/greeting';
import { offerSummary } from '../dialogs/meetingSkill';
import { runDialogs } from '../dialogs/mainDialog';
import { respond } from '../dialogs/response';
import type { Turn } from '../dialogs/turn';
import { isAddressed } from './addressed';
import { feedbackOf, takeFeedback } from './feedback';
import { floodOf, tellFlood } from './flood';
import { meetingEventOf } from './meetings/meetingEvent';
import type { ConversationDocument } from './turns/document';
import type { BotLogic } from './turns/run';

/** What the bot does with one activity: dialogs for messages, one greeting when it is added, one offer when a meeting is over. Thumbs under its answers count. Everything else is only noted. */
export function createBot(log: Logger): BotLogic {
  return async (turn, document) => {
    const { activity } = turn.context;
    const flood = floodOf(activity);
    if (flood) return tellFlood(turn, flood);
    if (activity.type === 'message' && isAddressed(activity)) await talk(turn, document);
    if (isArrival(activity) && !document.greeted) await greet(turn, document);
    if (isRemoval(activity)) document.greeted = false; // whoever adds it again may have forgotten what it does
    const meeting = meetingEventOf(activity);
    if (meeting && (await turn.meetings.note(meeting))) await offerSummary(turn);
    const feedback = feedbackOf(activity);
    if (feedback) await takeFeedback(turn, feedback, log);
  };
}

async function talk(turn: Turn, document: ConversationDocument): Promise<void> {
  if (document.notice) await respond(turn, textMessage(turn.words.dialog[document.notice]));
  document.notice = undefined;
  await runDialogs(turn, {
    get: () => document.dialogs,
    set: (state) => {
      document.dialogs = state;
    },
  });
}

async function greet(turn: Turn, document: ConversationDocument): Promise<void> {
  document.greeted = true;
  await greeting(turn);
}

/** Teams tells of an installation twice, web chats of every member: the bot's own arrival counts. */
function isArrival(activity: Activity): boolean {
  if (activity.type === 'installationUpdate') return activity.action?.startsWith('add') ?? false;
  const added = activity.type === 'conversationUpdate' && Array.isArray(activity.membersAdded) ? activity.membersAdded : [];
  return added.some((member) => member.id === activity.recipient.id);
}

/** Removed by a person. An upgrade ("remove-upgrade", then "add-upgrade") is none. */
const isRemoval = ({ type, action }: Activity): boolean => type === 'installationUpdate' && action === 'remove';
