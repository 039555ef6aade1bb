import type { Activity } from 'botbuilder';
import type { AIError, AIErrorCode } from '../ai/error';
import { errorCard, errorText, type ErrorProps } from '../cards/errorCard';
import type { Words } from '../cards/words';
import { answerEntity, cardAttachment, cardMessage } from './activities';
import { respond, shownText } from './response';
import type { Turn } from './turn';

type Sentences = Pick<ErrorProps, 'message' | 'nextStep'>;

const sentences: Readonly<Record<AIErrorCode, (words: Words['failure'], error: AIError) => Sentences>> = {
  'rate-limited': (words, { retryAfterMs }) => ({
    message: words.busy,
    nextStep: retryAfterMs === undefined ? words.tryInAMinute : words.tryIn(Math.max(1, Math.ceil(retryAfterMs / 1000))),
  }),
  timeout: (words) => ({ message: words.timeout, nextStep: words.tryAgainOrShorter }),
  'content-filtered': (words) => ({ message: words.filtered, nextStep: words.rephrase }),
  unauthorized: (words) => ({ message: words.unauthorized, nextStep: words.askAdministrator }),
  unavailable: (words) => ({ message: words.unavailable, nextStep: words.tryInAMinute }),
  'invalid-response': (words) => ({ message: words.invalid, nextStep: words.tryAgain }),
  'too-long': (words) => ({ message: words.tooLong, nextStep: words.shorten }),
  'budget-spent': (words, { retryAfterMs }) => ({ message: words.budgetSpent, nextStep: retryAfterMs === undefined ? words.tryTomorrow : words.tryIn(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
  'not-offered': (words) => ({ message: words.notOffered, nextStep: words.askForModel }),
};

/**
 * Says in one sentence why the model gave nothing, and what to do now; `retry` is the same request again.
 * An answer that was partly shown stays, marked as incomplete: it is never taken for a whole one.
 */
export async function reportFailure(turn: Turn, error: AIError, retry: NonNullable<ErrorProps['retry']>): Promise<void> {
  const { words, locale } = turn;
  const props = { words, locale, retry, ...sentences[error.code](words.failure, error) };
  const partial = shownText(turn);
  await respond(turn, partial === '' ? cardMessage(errorCard(props), errorText(props)) : incomplete(turn, partial, props));
}

/** The same in one sentence, where there is no button to try it again with. */
export const failureText = ({ words }: Turn, error: AIError): string => errorText({ words, ...sentences[error.code](words.failure, error) });

function incomplete(turn: Turn, partial: string, props: ErrorProps): Partial<Activity> {
  return {
    type: 'message',
    text: `${partial}\n\n**${turn.words.failure.incomplete}** ${errorText(props)}`,
    entities: [answerEntity('ai', [], turn.context.activity.id ?? '')],
    attachments: [cardAttachment(errorCard(props))],
  };
}
