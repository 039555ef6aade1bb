import { z } from 'zod';
import { myDataCard, myDataText } from '../cards/myDataCard';
import { cardMessage, textMessage } from './activities';
import { respond } from './response';
import type { Skill } from './skill';

/** Shows how much is kept about the person, and where all of it can be fetched; where others read along, only how to ask. A model cannot call it: it has no tool. */
export const myDataSkill: Skill = {
  id: 'myData',
  help: ({ skills }) => skills.myData,
  commands: ['my data', 'export my data', 'download my data', 'show my data', 'meine daten', 'mes données', 'mis datos'],
  schema: z.object({}),
  slots: [],
  run: async (turn) => {
    const { words, locale } = turn;
    if (!turn.isPersonal) {
      await respond(turn, textMessage(words.myData.notHere));
      return undefined;
    }
    const { counts, url } = await turn.myData();
    const props = { words, locale, counts, ...(url !== undefined && { url }) };
    await respond(turn, cardMessage(myDataCard(props), myDataText(props)));
    return undefined;
  },
};
