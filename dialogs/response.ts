import type { Activity } from 'botbuilder';
import { clear, isModerated, readableText } from './moderation';
import type { LiveReply, Turn } from './turn';

const openReplyKey = Symbol('parley.openReply');

interface OpenReply {
  readonly reply: LiveReply;
  /** What the person has read of it so far, as a message of its own; '' before that. */
  shown: () => string;
  isFinished: boolean;
}

/** Says what is being done, where this turn's answer will stand. Nothing once it stands there. */
export function showProgress(turn: Turn, text: string): void {
  const open = openReply(turn);
  if (!open.isFinished) open.reply.progress(text);
}

/** Shows the answer as far as it is written; `written` tells how far that is when it is asked, growing still or as if nothing followed. Not where it is to be moderated first. */
export function showText(turn: Turn, written: (isGrowing: boolean) => string): void {
  if (isModerated(turn)) return;
  const open = openReply(turn);
  if (open.isFinished) return;
  open.shown = () => written(false);
  open.reply.show(() => written(true));
}

/** The part of an unfinished answer that the person has seen; '' where there is none. */
export function shownText(turn: Turn): string {
  const open = opened(turn);
  return open && !open.isFinished ? open.shown() : '';
}

/** Sends a message of this turn; it takes the place of whatever was shown live. */
export async function respond(turn: Turn, message: Partial<Activity>): Promise<void> {
  const activity = await publishable(turn, message);
  const open = opened(turn);
  if (!open || open.isFinished) {
    await turn.context.sendActivity(activity);
    return;
  }
  open.isFinished = true;
  await open.reply.finish(activity);
}

/** What others read too is looked at before they do; what is flagged gives way to a sentence. */
async function publishable(turn: Turn, message: Partial<Activity>): Promise<Partial<Activity>> {
  if (!isModerated(turn) || !isAnswer(message)) return message;
  const clearance = await clear(turn, readableText(message), 'answer');
  return clearance === 'cleared' ? message : { type: 'message', text: turn.words.moderation[clearance] };
}

/** Made from what people said or gave, and not one of our own sentences. */
const isAnswer = ({ entities = [] }: Partial<Activity>): boolean => entities.some(({ type }) => type === 'https://schema.org/Message');

function openReply(turn: Turn): OpenReply {
  const existing = opened(turn);
  if (existing) return existing;
  const open: OpenReply = { reply: turn.reply(), shown: () => '', isFinished: false };
  turn.context.turnState.set(openReplyKey, open);
  return open;
}

const opened = (turn: Turn): OpenReply | undefined => turn.context.turnState.get<OpenReply | undefined>(openReplyKey);
