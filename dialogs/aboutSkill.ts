import { z } from 'zod';
import { aboutCard, aboutText } from '../cards/aboutCard';
import { version } from '../package.json';
import { cardMessage } from './activities';
import { respond } from './response';
import type { Skill } from './skill';

export const aboutSkill: Skill = {
  id: 'about',
  help: ({ skills }) => skills.about,
  commands: [
    'about', 'about parley', 'who are you', 'version', 'privacy', 'what do you keep', 'what do you keep about me', 'what do you know about me',
    'über', 'über parley', 'wer bist du', 'datenschutz', 'was speicherst du', 'was weißt du über mich', 'à propos', 'qui es-tu', 'confidentialité',
    'que sais-tu de moi', 'acerca de', 'quién eres', 'privacidad', 'qué sabes de mí',
  ],
  schema: z.object({}),
  slots: [],
  run: async (turn) => {
    const { words, locale, engine: { modelName }, transparencyUrl: moreUrl } = turn;
    const props = { words, locale, modelName, version, moreUrl, allowances: await turn.allowances() };
    await respond(turn, cardMessage(aboutCard(props), aboutText(props)));
    return undefined;
  },
};
