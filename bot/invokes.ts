import type { Activity, InvokeResponse } from 'botbuilder';
import { runDialogs } from '../dialogs/mainDialog';
import type { Turn } from '../dialogs/turn';
import { noteFeedback, teamsFeedback } from './feedback';
import { TurnRecord } from './turns/turn';
import { inContext, type RunnerOptions } from './turns/run';

/** Answers an invoke in its request: no model is called, nothing waits for other turns. */
export type AnswerInvoke = (activity: Activity) => Promise<InvokeResponse>;

const CARD = 'application/vnd.microsoft.card.adaptive';

/** Channels show their own message for 501; it is what botbuilder answers to unknown invokes too. */
const NOT_OFFERED: InvokeResponse = { status: 501 };

export function createInvokes(options: RunnerOptions): AnswerInvoke {
  const handlers: Readonly<Record<string, AnswerInvoke>> = {
    'adaptiveCard/action': (activity) => answerCard(activity, options),
    'message/submitAction': async (activity) => takeFeedback(activity, options),
  };
  return async (activity) => (await handlers[activity.name ?? '']?.(activity)) ?? NOT_OFFERED;
}

/**
 * A form of ours that is answered in place (Action.Execute). Forms only write settings, so the dialogs run without
 * the conversation's document, and beside its turns.
 * https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards
 */
async function answerCard(activity: Activity, options: RunnerOptions): Promise<InvokeResponse> {
  const record = new TurnRecord();
  let stale = '';
  await inContext(activity, record, options, async (turn: Turn) => {
    stale = turn.words.host.staleCard;
    if (turn.submit) await runDialogs(turn, { get: () => undefined, set: () => undefined });
  });
  await options.database.transaction(async (queries) => {
    for (const effect of record.effects) await effect(queries);
  });
  return { status: 200, body: toCardResponse(record, stale) };
}

function toCardResponse(record: TurnRecord, stale: string): object {
  const reply = record.replies[0]?.activity;
  const card: unknown = reply?.attachments?.find(({ contentType }) => contentType === CARD)?.content;
  if (card !== undefined) return { statusCode: 200, type: CARD, value: card };
  return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: reply?.text ?? stale };
}

/** Teams wants an empty answer: anything else shows an error. */
function takeFeedback(activity: Activity, { log }: RunnerOptions): InvokeResponse {
  noteFeedback(teamsFeedback(activity), log);
  return { status: 200, body: {} };
}
