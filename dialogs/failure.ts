import type { Activity } from 'botbuilder';
import type { AIError, AIErrorCode } from '../ai/error';
import { errorCard, errorText, type ErrorProps } from '../cards/errorCard';
import type { Words } from '../cards/words';
import { answerEntity, cardAttachment, cardMessage } from './activities';
import { respond, shownText } from './response';
import type { Turn } from './turn';

type Sentences = Pick<ErrorProps, 'message' | 'nextStep'>;

const HOUR_MS = 60 * 60_000;

/** The same again would end the same. An answer that was filtered may be another one the next time. */
const isPointlessToRepeat = ({ code, isOnPrompt }: AIError): boolean => code === 'budget-spent' || code === 'not-offered' || (code === 'content-filtered' && isOnPrompt);

const sentences: Readonly<Record<AIErrorCode, (words: Words['failure'], error: AIError) => Sentences>> = {
  'rate-limited': (words, { retryAfterMs }) => ({
    message: words.busy,
    nextStep: retryAfterMs === undefined ? words.tryInAMinute : words.tryIn(Math.max(1, Math.ceil(retryAfterMs / 1000))),
  }),
  timeout: (words) => ({ message: words.timeout, nextStep: words.tryAgainOrShorter }),
  'content-filtered': filteredSentences,
  unauthorized: (words) => ({ message: words.unauthorized, nextStep: words.askAdministrator }),
  unavailable: (words) => ({ message: words.unavailable, nextStep: words.tryInAMinute }),
  'invalid-response': (words) => ({ message: words.invalid, nextStep: words.tryAgain }),
  'too-long': (words) => ({ message: words.tooLong, nextStep: words.shorten }),
  'budget-spent': (words, { retryAfterMs }) => ({ message: words.budgetSpent, nextStep: retryAfterMs === undefined ? words.tryTomorrow : words.moreIn(Math.max(1, Math.ceil(retryAfterMs / HOUR_MS))) }),
  'not-offered': (words) => ({ message: words.notOffered, nextStep: words.askForModel }),
};

/**
 * Says in one sentence why the model gave nothing, and what to do now; `retry` is the same request again.
 * An answer that was partly shown stays, marked as incomplete: it is never taken for a whole one.
 */
export async function reportFailure(turn: Turn, error: AIError, retry: NonNullable<ErrorProps['retry']>): Promise<void> {
  const { words, locale } = turn;
  const partial = shownText(turn);
  const sentence = partial !== '' && error.code === 'content-filtered' ? { message: words.failure.filteredMidway, nextStep: words.failure.askOtherwise } : sentences[error.code](words.failure, error);
  const props = { words, locale, ...sentence, ...(!isPointlessToRepeat(error) && { retry }) };
  await respond(turn, partial === '' ? cardMessage(errorCard(props), errorText(props)) : incomplete(turn, partial, props));
}

/** The same in one sentence, where there is no button to try it again with. */
export const failureText = ({ words }: Turn, error: AIError): string => errorText({ words, ...sentences[error.code](words.failure, error) });

/** Where the service does not say what it stopped, it may be either: then it was an answer that never came. */
function filteredSentences(words: Words['failure'], { filters, isOnPrompt }: AIError): Sentences {
  if (filters.some(({ category, isFiltered }) => isFiltered && attacks.includes(category))) return { message: words.filteredAttack, nextStep: words.withoutInstructions };
  return isOnPrompt ? { message: words.filtered, nextStep: words.rephrase } : { message: words.filteredAnswer, nextStep: words.askOtherwise };
}

/** Prompt shields: https://learn.microsoft.com/azure/ai-services/openai/concepts/content-filter-prompt-shields */
const attacks: readonly string[] = ['jailbreak', 'indirect_attack'];

/** A sentence for an answer that came although no filter had looked at it; undefined where they had. */
export const unfilteredNote = ({ words, calls }: Turn): string | undefined =>
  calls.some(({ filters }) => filters.some(({ category }) => category === 'content_filter_error')) ? words.failure.unfiltered : undefined;

function incomplete(turn: Turn, partial: string, props: ErrorProps): Partial<Activity> {
  return {
    type: 'message',
    text: `${partial}\n\n**${turn.words.failure.incomplete}** ${errorText(props)}\n\n_${turn.words.card.ai}_`,
    entities: [answerEntity('ai', [], turn.context.activity.id ?? '')],
    attachments: [cardAttachment(errorCard(props))],
  };
}
