import { say, type Pace, type Script } from '../helpers/fakeModelScript';
import type { ModelCall } from '../helpers/fakeModelServer';

/** A question that names its own message. */
export const askAbout = (id: string): string => `Tell me about item ${id}`;

/** Answers it, and says which earlier questions it was told of: what it does not name, the bot did not know. */
export function attentively(call: ModelCall, pace?: Pace): Script {
  const asked = call.body.messages.filter(({ role }) => role === 'user').flatMap(({ content }) => /\bitem (\d+)/.exec(content ?? '')?.[1] ?? []);
  const [current = 'nothing', ...earlier] = asked.toReversed();
  return say(`About item ${current}. Seen: ${earlier.toReversed().join(' ')}.`, { ...(pace && { pace }) });
}

/** A whole answer of that model: not its beginning, and not a word that stands in its place. */
export const isAttentive = (text: string): boolean => ANSWER.test(text);

const ANSWER = /^About item \w+\. Seen:([ \d]*)\.$/;

/** Ids of the earlier questions that an answer was made from; undefined for other answers. */
export function seenIn(text: string): readonly string[] | undefined {
  return ANSWER.exec(text)?.[1]?.split(' ').filter(Boolean);
}
