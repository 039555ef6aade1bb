import type { Asker } from '../../ai/call';
import { explanationShape } from '../../dialogs/explanation';
import type { KeptAnswer, RatedAnswer, Rating } from '../../dialogs/rating';
import { answeredBy, newestAnswered, readAnswer } from '../../state/answers';
import type { Queries } from '../../state/database';
import { writeRating } from '../../state/feedback';
import { messagesAround } from '../../state/messages';
import { readSettings } from '../../state/users';
import { parseSettings } from './settings';

/** More names than this would be those of a channel's passers-by. */
const MAX_NAMES = 200;

/**
 * Counts a rating; the person's last one of an answer counts. Question and answer are kept with it only where the person
 * has agreed to that, as the store knows in this same transaction.
 */
export async function rateAnswer(queries: Queries, { conversationKey, userKey }: Asker, rating: Rating, locale: string): Promise<void> {
  const activityId = await askedId(queries, conversationKey, rating.answer);
  const { improvement } = parseSettings(await readSettings(queries, userKey));
  const kept = improvement === 'yes' && rating.answer ? await whatIsKept(queries, { conversationKey, userKey, activityId }, rating, locale) : undefined;
  await writeRating(queries, { conversationKey, activityId, userKey, reaction: rating.reaction, kept: kept && JSON.stringify(kept) });
}

/** An answer that nothing is known of any more is counted under the channel's id. */
async function askedId(queries: Queries, conversationKey: string, answer: RatedAnswer | undefined): Promise<string> {
  if (!answer) return (await newestAnswered(queries, conversationKey)) ?? '';
  return answer.by === 'asked' ? answer.id : ((await answeredBy(queries, conversationKey, answer.id)) ?? answer.id);
}

type Rated = Pick<Asker, 'conversationKey' | 'userKey' | 'activityId'>;

/** undefined where the question was a button, is gone, or is somebody else's: who did not ask cannot agree for them. */
async function whatIsKept(queries: Queries, { conversationKey, userKey, activityId }: Rated, rating: Rating, locale: string): Promise<KeptAnswer | undefined> {
  const { question, answers, names } = await messagesAround(queries, conversationKey, activityId, MAX_NAMES);
  if (question?.authorKey !== userKey || answers.length === 0) return undefined;
  const facts = await factsOf(queries, conversationKey, activityId);
  const { reason, comment, correction } = rating;
  return {
    question: question.text,
    answer: answers.join('\n\n'),
    ...facts,
    names: [...new Set([...names, ...facts.names])],
    locale,
    ...(reason && { reason }),
    ...(comment && { comment }),
    ...(correction && { correction }),
  };
}

async function factsOf(queries: Queries, conversationKey: string, activityId: string): Promise<Pick<KeptAnswer, 'capabilities' | 'isGrounded' | 'names'>> {
  const json = await readAnswer(queries, conversationKey, activityId);
  const facts = json === undefined ? undefined : explanationShape.safeParse(JSON.parse(json)).data; // written by traces.ts, perhaps of another version
  const { calls = [], sources = [], read } = facts ?? {};
  return {
    capabilities: [...new Set(calls.map(({ capability }) => capability))],
    isGrounded: sources.length > 0 || read !== undefined,
    names: sources.flatMap(({ author }) => (author === undefined ? [] : [author])),
  };
}
