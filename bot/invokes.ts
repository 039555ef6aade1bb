import type { Activity, InvokeResponse } from 'botbuilder';
import { wordsFor } from '../cards/words';
import { runDialogs } from '../dialogs/mainDialog';
import { settingsSkill } from '../dialogs/settingsSkill';
import type { Turn } from '../dialogs/turn';
import { TEAMS_FEEDBACK } from './feedback';
import { floodSentence, type FloodGate } from './flood';
import { inContext, type RunnerOptions } from './turns/run';
import { localeOf, TurnRecord } from './turns/turn';

/** Answers an invoke in its request, within three seconds: no model is called, nothing waits for other turns. Throws StateError. */
export type AnswerInvoke = (activity: Activity) => Promise<InvokeResponse>;

const CARD = 'application/vnd.microsoft.card.adaptive';
const MESSAGE = 'application/vnd.microsoft.activity.message';

/** Channels show a message of their own. Not 501, which botbuilder answers: invokes came again after it (botbuilder-dotnet #5005). */
const NOT_OFFERED: InvokeResponse = { status: 404 };

/** Teams shows an error of its own a little later, whatever comes of the work. */
const ANSWER_LIMIT_MS = 2_500;

/** `accept`: what is to be a turn of its own. */
export function createInvokes(options: RunnerOptions, gate: FloodGate, accept: (activity: Activity) => Promise<void>): AnswerInvoke {
  // A map: names come from outside, and every object has a "constructor".
  const handlers = new Map<string, AnswerInvoke>([
    ['adaptiveCard/action', (activity) => answerForm(activity, options, gate)],
    [TEAMS_FEEDBACK, (activity) => takeFeedback(activity, accept)],
  ]);
  return async (activity) => (await handlers.get(activity.name ?? '')?.(activity)) ?? NOT_OFFERED;
}

/** Whatever happens, the person reads something in the form's place. */
async function answerForm(activity: Activity, options: RunnerOptions, gate: FloodGate): Promise<InvokeResponse> {
  const words = wordsFor(localeOf(activity));
  const verdict = gate.judge(activity);
  if (verdict.kind !== 'pass') return answered(MESSAGE, floodSentence(words, verdict.flood));
  const late = AbortSignal.timeout(ANSWER_LIMIT_MS);
  try {
    return await before(late, submitForm(activity, options, late));
  } catch (error) {
    options.log.error({ err: error, activityId: activity.id, channelId: activity.channelId }, 'a form could not be answered');
    return answered(MESSAGE, late.aborted ? words.host.slow : words.host.unexpected);
  }
}

/**
 * A form of ours that is answered in place (Action.Execute). Forms only write settings, so the dialogs run without
 * the conversation's document, and beside its turns.
 * https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards
 */
async function submitForm(activity: Activity, options: RunnerOptions, late: AbortSignal): Promise<InvokeResponse> {
  const record = new TurnRecord();
  let stale = '';
  await inContext(activity, record, options, async (turn: Turn) => {
    stale = turn.words.host.staleCard;
    if (turn.submit?.action === settingsSkill.id) await runDialogs(turn, { get: () => undefined, set: () => undefined });
  });
  late.throwIfAborted(); // the person was told that it took too long: it must not happen after all
  await options.database.transaction(async (queries) => {
    for (const effect of record.effects) await effect(queries);
  });
  return toCardResponse(record, stale);
}

function toCardResponse(record: TurnRecord, stale: string): InvokeResponse {
  const reply = record.replies[0]?.activity;
  const card: unknown = reply?.attachments?.find(({ contentType }) => contentType === CARD)?.content;
  return card === undefined ? answered(MESSAGE, reply?.text ?? stale) : answered(CARD, card);
}

const answered = (type: string, value: unknown): InvokeResponse => ({ status: 200, body: { statusCode: 200, type, value } });

/** Settles as `work` does, or rejects when the signal aborts. */
function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    work.then(resolve, reject);
  });
}

/** A turn like that of Web Chat's event: it is kept, and may bring a card. Teams wants an empty answer: anything else shows an error. */
async function takeFeedback(activity: Activity, accept: (activity: Activity) => Promise<void>): Promise<InvokeResponse> {
  await accept(activity);
  return { status: 200, body: {} };
}
