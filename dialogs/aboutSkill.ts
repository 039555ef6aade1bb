import { z } from 'zod';
import { aboutCard, aboutText } from '../cards/aboutCard';
import { version } from '../package.json';
import { cardMessage } from './activities';
import { respond } from './response';
import type { Skill } from './skill';

export const aboutSkill: Skill = {
  id: 'about',
  help: ({ skills }) => skills.about,
  commands: ['about', 'about parley', 'who are you', 'version', 'über', 'über parley', 'wer bist du', 'à propos', 'qui es-tu', 'acerca de', 'quién eres'],
  schema: z.object({}),
  slots: [],
  run: async (turn) => {
    const { words, locale, engine: { modelName } } = turn;
    const props = { words, locale, modelName, version };
    await respond(turn, cardMessage(aboutCard(props), aboutText(props)));
    return undefined;
  },
};
