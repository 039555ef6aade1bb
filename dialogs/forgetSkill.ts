import { z } from 'zod';
import { forgetCard, forgetText } from '../cards/forgetCard';
import { countLines } from '../cards/myDataCard';
import { cardMessage, textMessage, withChoices } from './activities';
import { readYesOrNo } from './consent';
import { respond } from './response';
import type { Reading, Skill } from './skill';
import type { Turn } from './turn';

const schema = z.object({ confirmed: z.boolean().optional() });
type ForgetValues = z.infer<typeof schema>;

/** Deletes what is kept about the person, once that is confirmed. A model cannot call it: it has no tool. */
export const forgetSkill: Skill<ForgetValues> = {
  id: 'forget',
  help: ({ skills }) => skills.forget,
  commands: ['forget me', 'forget', 'delete my data', 'vergiss mich', 'lösche meine daten', 'oublie-moi', 'oublie moi', 'supprime mes données', 'olvídame', 'borra mis datos'],
  schema,
  slots: [{
    name: 'confirmed',
    isMissing: (_turn, { confirmed }) => confirmed === undefined,
    ask: async ({ words, locale }) => ({
      ...withChoices(words.forget.confirm, []),
      ...cardMessage(forgetCard({ words, locale }), `${forgetText({ words, locale })}\n\n${words.forget.confirm}`),
    }),
    read: async (turn) => readConfirmation(turn),
  }],
  run: async (turn, { confirmed }) => {
    await respond(turn, textMessage(confirmed ? await forget(turn) : turn.words.forget.kept));
    return undefined;
  },
};

/** Says what is deleted with this turn's commit. */
async function forget(turn: Turn): Promise<string> {
  const { words, locale } = turn;
  const lines = countLines((await turn.myData()).counts, words, locale);
  await turn.forgetMe();
  return lines.length === 0 ? words.forget.done : `${words.forget.done}\n\n${words.myData.deleted(lines.join('; '))}`;
}

function readConfirmation(turn: Turn): Reading<ForgetValues> {
  const confirmed = readYesOrNo(turn);
  return confirmed === undefined ? { again: turn.words.forget.again } : { values: { confirmed } };
}
