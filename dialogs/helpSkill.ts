import { z } from 'zod';
import { helpCard, helpText } from '../cards/helpCard';
import { cardMessage } from './activities';
import { respond } from './response';
import type { Skill } from './skill';
import type { Turn } from './turn';

/** Says what Parley can do: the skills that it is given. */
export function createHelpSkill(skills: readonly Skill[]): Skill {
  return {
    id: 'help',
    commands: [
      'help', '?', 'help me', 'i need help', 'what can you do', 'what can you do for me', 'what do you do', 'how does this work', 'menu', 'hi', 'hello',
      'hilfe', 'hilf mir', 'was kannst du', 'was kannst du alles', 'was machst du', 'wie funktioniert das', 'hallo',
      'aide', 'aide-moi', 'que peux-tu faire', 'que pouvez-vous faire', 'que sais-tu faire', 'comment ça marche', 'bonjour', 'salut',
      'ayuda', 'ayúdame', 'qué puedes hacer', 'qué sabes hacer', 'cómo funciona', 'hola',
    ],
    schema: z.object({}),
    slots: [],
    run: async (turn) => {
      await sendHelp(turn, skills, false);
      return undefined;
    },
  };
}

/** The help card; `greeting` is for the first message of a conversation. */
export async function sendHelp(turn: Turn, skills: readonly Skill[], greeting: boolean): Promise<void> {
  const { words, locale, engine: { modelName } } = turn;
  const props = { words, locale, modelName, greeting, prompts: prompts(turn, greeting), skills: skills.flatMap((skill) => listed(skill, turn)) };
  await respond(turn, cardMessage(helpCard(props), helpText(props)));
}

function listed(skill: Skill, { words, engine }: Turn): { title: string; description: string; action: string }[] {
  const help = skill.isOffered?.(engine) === false ? undefined : skill.help?.(words);
  return help ? [{ ...help, action: skill.id }] : [];
}

/** What leads somewhere: nothing was said yet when a person is greeted, and translating needs a model. */
function prompts({ words: { prompts, skills }, engine, isPersonal }: Turn, greeting: boolean): { title: string; text: string }[] {
  const second = greeting && isPersonal ? skills.ask.title : prompts.conversation;
  const texts = [prompts.summarize, second, ...(engine.modelName === undefined ? [] : [prompts.translate])];
  return texts.map((text) => ({ title: text, text }));
}
